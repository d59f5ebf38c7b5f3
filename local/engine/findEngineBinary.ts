import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const wayOut =
  'The embedded DynamoDB engine (dynoxide) has no binary for this machine: set AWS_ENDPOINT_URL_DYNAMODB to any DynamoDB endpoint, such as DynamoDB Local.';

/** The path of the engine's executable for this platform; throws one sentence that names the way out where there is none. */
export function findEngineBinary(platform: string = process.platform, arch: string = process.arch): string {
  const name = platform === 'win32' ? 'dynoxide.exe' : 'dynoxide';
  for (const candidate of [`${platform}-${arch}`, `${platform}-${arch}-gnu`, `${platform}-${arch}-musl`]) {
    const directory = packageDirectory(`@dynoxide/${candidate}`);
    if (directory && existsSync(join(directory, name))) return join(directory, name);
  }
  throw new Error(wayOut);
}

function packageDirectory(packageName: string): string | undefined {
  try {
    return dirname(createRequire(import.meta.url).resolve(`${packageName}/package.json`));
  } catch {
    return undefined;
  }
}
