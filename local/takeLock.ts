import { DatabaseSync } from 'node:sqlite';

/**
 * Takes the lock that a file stands for and returns what releases it; undefined while another holder has it.
 * The operating system releases it when the process ends, however that ends.
 */
export function takeLock(file: string): (() => void) | undefined {
  const database = new DatabaseSync(file);
  try {
    database.exec('BEGIN EXCLUSIVE');
    return () => database.close();
  } catch {
    database.close();
    return undefined;
  }
}
