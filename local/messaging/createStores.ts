import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { buildApp } from 'fauxqs';
import { parseJson } from '../events/json.ts';

export type Stores = NonNullable<NonNullable<Parameters<typeof buildApp>[0]>['stores']>;

type FilePersistence = NonNullable<Stores['s3Store']['persistence']> & { loadS3(store: Stores['s3Store']): void };

/** The stores are not among the package's exports; its version is pinned and a test drives all three by the SDK. */
export async function createStores(s3Directory: string): Promise<Stores> {
  const manifest = findPackageJSON('fauxqs', import.meta.url);
  if (!manifest) throw new Error('The package fauxqs is not installed: run npm ci.');
  const load = async (file: string) => {
    const module: Record<string, unknown> = await import(pathToFileURL(join(dirname(manifest), 'dist', file)).href);
    return module;
  };
  const [sqs, sns, s3, files] = await Promise.all(
    ['sqs/sqsStore.js', 'sns/snsStore.js', 's3/s3Store.js', 's3/fileS3Persistence.js'].map(load),
  );
  const create = (module: Record<string, unknown> = {}, name: string, ...args: unknown[]) =>
    new (module[name] as new (...args: unknown[]) => unknown)(...args);
  const s3Store = create(s3, 'S3Store') as Stores['s3Store'];
  const persistence = create(files, 'FileS3Persistence', s3Directory) as FilePersistence;
  discardTorn(s3Directory);
  persistence.loadS3(s3Store);
  s3Store.persistence = persistence;
  return {
    sqsStore: create(sqs, 'SqsStore') as Stores['sqsStore'],
    snsStore: create(sns, 'SnsStore') as Stores['snsStore'],
    s3Store,
  };
}

/** The package writes descriptions last and in place: one that a crash cut off was never acknowledged, and stops loading. */
function discardTorn(directory: string): void {
  for (const entry of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !/\.(meta|bucket)\.json$/.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    if (parseJson(readFileSync(path, 'utf8')) === undefined) rmSync(path);
  }
}
