import { DatabaseSync } from 'node:sqlite';

/** What the engine's file offers beyond the wire protocol. */
export interface StreamStore {
  /**
   * Deletes a table's stream records older than `sequenceNumber` (exclusive) and returns how many.
   * Give it the oldest sequence number that some consumer has not finished. The newest record always stays:
   * the engine derives the next sequence number from it.
   */
  trimBefore(tableName: string, sequenceNumber: string): number;
  /** Runs `deletion` such that the deletion of this key is recorded in the stream as made by time to live. */
  asExpiry(tableName: string, key: Record<string, unknown>, deletion: () => Promise<void>): Promise<void>;
  /** How many stream records of a table are kept. */
  count(tableName: string): number;
  close(): void;
}

// The engine looks for the highest number as an integer, and scans the whole table without such indexes.
const schema = `
  PRAGMA busy_timeout = 5000;
  PRAGMA synchronous = NORMAL;
  CREATE INDEX IF NOT EXISTS local_stream_by_number ON _stream_records (table_name, CAST(sequence_number AS INTEGER));
  CREATE INDEX IF NOT EXISTS local_stream_by_shard ON _stream_records (table_name, shard_id, CAST(sequence_number AS INTEGER));
  CREATE TABLE IF NOT EXISTS local_expiring (table_name TEXT NOT NULL, keys_json TEXT NOT NULL);
  DELETE FROM local_expiring;
  CREATE TRIGGER IF NOT EXISTS local_mark_expiry AFTER INSERT ON _stream_records
  WHEN NEW.event_name = 'REMOVE' AND EXISTS (
    SELECT 1 FROM local_expiring WHERE table_name = NEW.table_name AND keys_json = NEW.keys_json)
  BEGIN
    UPDATE _stream_records SET user_identity = '{"type":"Service","principalId":"dynamodb.amazonaws.com"}' WHERE id = NEW.id;
  END;`;

/** Opens the engine's database file beside the running engine. */
export function openStreamStore(dbPath: string): StreamStore {
  const database = new DatabaseSync(dbPath);
  database.exec(schema);
  const trim = database.prepare(
    `DELETE FROM _stream_records WHERE table_name = ? AND CAST(sequence_number AS INTEGER) < ? AND id <
       (SELECT MAX(id) FROM _stream_records WHERE table_name = ?)`,
  );
  const counted = database.prepare('SELECT COUNT(*) AS records FROM _stream_records WHERE table_name = ?');
  const mark = database.prepare('INSERT INTO local_expiring (table_name, keys_json) VALUES (?, ?)');
  const unmark = database.prepare('DELETE FROM local_expiring WHERE table_name = ? AND keys_json = ?');
  return {
    trimBefore: (tableName, sequenceNumber) => Number(trim.run(tableName, BigInt(sequenceNumber), tableName).changes),
    asExpiry: async (tableName, key, deletion) => {
      const spellings = keySpellings(key);
      for (const spelling of spellings) mark.run(tableName, spelling);
      try {
        await deletion();
      } finally {
        for (const spelling of spellings) unmark.run(tableName, spelling);
      }
    },
    count: (tableName) => Number(counted.get(tableName)?.records ?? 0),
    close: () => database.close(),
  };
}

/** The engine writes the one or two attributes of a key in either order. */
function keySpellings(key: Record<string, unknown>): string[] {
  const attributes = Object.entries(key);
  return [JSON.stringify(key), JSON.stringify(Object.fromEntries(attributes.toReversed()))];
}
