import { createHash, type Hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join, relative } from 'node:path';

/** SHA-256, hex, over names and contents of files and of everything below directories; what does not exist counts as empty. */
export async function fingerprintOf(paths: string[]): Promise<string> {
  const hash = createHash('sha256');
  for (const path of paths) {
    if (!existsSync(path)) continue;
    if ((await stat(path)).isDirectory()) await addDirectory(hash, path);
    else hash.update(await readFile(path));
    hash.update('\0');
  }
  return hash.digest('hex');
}

async function addDirectory(hash: Hash, directory: string): Promise<void> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  for (const path of files.sort()) {
    hash
      .update(`${relative(directory, path)}\0`)
      .update(await readFile(path))
      .update('\0');
  }
}
