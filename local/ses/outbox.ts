import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { asList, asRecord, isRecord, parseJson } from '../events/json.ts';

/** A message that was accepted for sending. */
export interface SentMail {
  /** The message id that SES answered. */
  id: string;
  /** ISO 8601, by the platform's clock. */
  at: string;
  /** The envelope: bare addresses. */
  from: string;
  recipients: string[];
  configurationSet?: string;
  tags: Record<string, string[]>;
}

/** Everything that was sent, as files: one `.eml` per message as it went out, and an index of one line each. */
export interface Outbox {
  /** Resolves when the message survives a crash. */
  add(mail: SentMail, raw: Buffer): Promise<void>;
  /** In order of sending. */
  all(): readonly SentMail[];
  get(id: string): SentMail | undefined;
  raw(mail: SentMail): Promise<Buffer>;
}

export function openOutbox(directory: string): Outbox {
  mkdirSync(directory, { recursive: true });
  const indexPath = join(directory, 'index.jsonl');
  const mails = readIndex(indexPath);
  const pathOf = (id: string) => join(directory, `${id}.eml`);
  return {
    add: async (mail, raw) => {
      // The message first: what the index names is there.
      await writeFile(pathOf(mail.id), raw, { mode: 0o600 });
      appendFileSync(indexPath, `${JSON.stringify(mail)}\n`, { mode: 0o600 });
      mails.set(mail.id, mail);
    },
    all: () => [...mails.values()],
    get: (id) => mails.get(id),
    raw: (mail) => readFile(pathOf(mail.id)),
  };
}

/** A crash may have left half a last line; it was never acknowledged. */
function readIndex(path: string): Map<string, SentMail> {
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n') : [];
  return new Map(
    lines.flatMap((line): [string, SentMail][] => {
      const entry = parseJson(line);
      if (!isRecord(entry) || typeof entry.id !== 'string') return [];
      const mail: SentMail = {
        id: entry.id,
        at: String(entry.at),
        from: String(entry.from),
        recipients: asList(entry.recipients).map(String),
        ...(typeof entry.configurationSet === 'string' && { configurationSet: entry.configurationSet }),
        tags: Object.fromEntries(
          Object.entries(asRecord(entry.tags)).map(([name, values]) => [name, asList(values).map(String)]),
        ),
      };
      return [[mail.id, mail]];
    }),
  );
}
