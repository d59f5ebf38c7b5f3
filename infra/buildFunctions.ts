import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type BuildOptions, build } from 'esbuild';
import { builtinsWithoutRequire, withoutUnused } from './bundlePlugins.ts';
import { fingerprintOf } from './fingerprint.ts';

export interface BuildFunctionsOptions {
  /** Holds `<verb-noun>/index.ts` per function; `functions` of the repository by default. */
  functionsDir?: string;
  /** Receives `<verb-noun>/index.mjs`, its source map and `meta.json`; `dist` of the repository by default. */
  outDir?: string;
  /** Whose change asks for a new build, besides the functions; `shared` of the repository by default. */
  sourceDirs?: string[];
}

export interface BuiltFunction {
  name: string;
  /** Size of the bundle without its source map. */
  bytes: number;
}

export interface BuiltFunctions {
  outDir: string;
  functions: BuiltFunction[];
  /** False where every bundle was already what the sources make. */
  rebuilt: boolean;
}

/** Bundles every function in one esbuild call, unless the bundles are already those of the same sources. */
export async function buildFunctions(options: BuildFunctionsOptions = {}): Promise<BuiltFunctions> {
  const functionsDir = resolve(options.functionsDir ?? join(repository, 'functions'));
  const outDir = resolve(options.outDir ?? join(repository, 'dist'));
  const sourceDirs = options.sourceDirs ?? [join(repository, 'shared')];
  const names = await functionNames(functionsDir);
  if (names.length === 0) throw new Error(`No function found: ${functionsDir} holds no <verb-noun>/index.ts.`);
  const fingerprint = await fingerprintOf([functionsDir, ...sourceDirs, installed, ...bundler]);
  const fresh = await isFresh(outDir, names, fingerprint);
  if (!fresh) await bundle(functionsDir, outDir, names, fingerprint);
  return { outDir, functions: await sizes(outDir, names), rebuilt: !fresh };
}

const repository = resolve(import.meta.dirname, '..');
/** What npm has installed, version by version. */
const installed = join(repository, 'node_modules/.package-lock.json');
/** What decides how is bundled. */
const bundler = [import.meta.filename, join(import.meta.dirname, 'bundlePlugins.ts')];
const fingerprintFile = 'fingerprint';

const bundleOptions = {
  bundle: true,
  plugins: [builtinsWithoutRequire, withoutUnused],
  platform: 'node',
  target: 'node24',
  format: 'esm',
  outExtension: { '.js': '.mjs' },
  // The ES modules of the AWS SDK shake to two thirds of its CommonJS.
  mainFields: ['module', 'main'],
  minify: true,
  keepNames: true,
  sourcemap: 'linked',
  sourcesContent: false,
  legalComments: 'none',
  metafile: true,
  write: false,
  logLevel: 'silent',
} as const satisfies BuildOptions;

async function bundle(functionsDir: string, outDir: string, names: string[], fingerprint: string): Promise<void> {
  const { metafile, outputFiles } = await build({
    ...bundleOptions,
    absWorkingDir: repository,
    outbase: functionsDir,
    outdir: outDir,
    entryPoints: names.map((name) => join(functionsDir, name, 'index.ts')),
  });
  for (const { path, text } of outputFiles) {
    // esbuild's stand-in for `require` throws only when called; a function should not find out in production.
    if (path.endsWith('.mjs') && text.includes('Dynamic require of')) throw new Error(`${path} calls require.`);
  }
  await Promise.all(outputFiles.map(({ path, contents }) => writeWhole(path, contents)));
  await removeOthers(outDir, names);
  await writeWhole(join(outDir, 'meta.json'), JSON.stringify(metafile));
  // Last, so that an interrupted build is never taken for a fresh one.
  await writeWhole(join(outDir, fingerprintFile), fingerprint);
}

/** Whoever reads sees the old file or the new one, also while two builds run at once. */
async function writeWhole(path: string, contents: string | Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const unfinished = `${path}.${randomUUID()}`;
  await writeFile(unfinished, contents);
  await rename(unfinished, path);
}

/** Bundles of functions that are no more. */
async function removeOthers(outDir: string, names: string[]): Promise<void> {
  const entries = await readdir(outDir, { withFileTypes: true });
  const others = entries.filter((entry) => entry.isDirectory() && !names.includes(entry.name));
  await Promise.all(others.map((entry) => rm(join(outDir, entry.name), { recursive: true, force: true })));
}

async function functionNames(functionsDir: string): Promise<string[]> {
  const entries = await readdir(functionsDir, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory() && existsSync(join(functionsDir, entry.name, 'index.ts')))
    .map((entry) => entry.name)
    .sort();
}

async function isFresh(outDir: string, names: string[], fingerprint: string): Promise<boolean> {
  const path = join(outDir, fingerprintFile);
  if (!existsSync(path)) return false;
  if (!names.every((name) => existsSync(join(outDir, name, 'index.mjs')))) return false;
  return (await readFile(path, 'utf8')) === fingerprint;
}

function sizes(outDir: string, names: string[]): Promise<BuiltFunction[]> {
  return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(outDir, name, 'index.mjs'))).size })));
}
