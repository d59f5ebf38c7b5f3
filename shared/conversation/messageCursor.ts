import { createHash } from 'node:crypto';
import * as z from 'zod';
import { PlatformError } from '../platform/errors.ts';
import { latestTimeMs } from '../timeline/timelineKeys.ts';

/** How much later than its neighbours a message may be projected without being skipped, in milliseconds. */
const overlapMs = 5 * 60 * 1000;
/** Keeps a cursor under 3,000 characters; in a greater rush the overlap is shorter. */
const largestSeen = 200;
const ageDigits = 4;
const hashLength = 6;
const entryLength = ageDigits + hashLength;

export interface SeenMessage {
  receivedAtMs: number;
  hash: string;
}

/** How far a reader has come in a conversation, by order of arrival. */
export interface MessageCursor {
  /** Latest time of receipt that was returned. */
  receivedAtMs: number;
  /** What was returned and lies in the stretch that is read again. */
  seen: SeenMessage[];
  /** Start of that stretch. */
  fromMs: number;
}

const wireSchema = z.object({
  t: z.number().int().min(0).max(latestTimeMs),
  f: z.number().int().min(0).max(latestTimeMs),
  seen: z
    .string()
    .regex(/^[\w-]*$/)
    .refine((text) => text.length % entryLength === 0),
});

export function encodeMessageCursor({ receivedAtMs, fromMs, seen }: MessageCursor): string {
  const entries = seen.map(
    (entry) => (receivedAtMs - entry.receivedAtMs).toString(36).padStart(ageDigits, '0') + entry.hash,
  );
  return Buffer.from(JSON.stringify({ t: receivedAtMs, f: fromMs, seen: entries.join('') })).toString('base64url');
}

/** Throws `invalid-request` with the path `after` for what is no cursor. */
export function decodeMessageCursor(text: string): MessageCursor {
  const wire = wireSchema.safeParse(json(Buffer.from(text, 'base64url').toString('utf8')));
  if (!wire.success) throw invalidCursor();
  const { t, f, seen } = wire.data;
  const entries = seen.match(new RegExp(`.{${entryLength}}`, 'g')) ?? [];
  return {
    receivedAtMs: t,
    fromMs: f,
    seen: entries.map((entry) => ({
      receivedAtMs: t - Number.parseInt(entry.slice(0, ageDigits), 36),
      hash: entry.slice(ageDigits),
    })),
  };
}

/** The cursor after some more messages were returned. */
export function advanceCursor(cursor: MessageCursor | undefined, returned: readonly SeenMessage[]): MessageCursor {
  const all = [...(cursor?.seen ?? []), ...returned].sort((one, other) => other.receivedAtMs - one.receivedAtMs);
  const receivedAtMs = Math.max(cursor?.receivedAtMs ?? 0, ...returned.map((message) => message.receivedAtMs));
  const tooMany = all[largestSeen];
  const fromMs = Math.max(receivedAtMs - overlapMs, cursor?.fromMs ?? 0, tooMany ? tooMany.receivedAtMs + 1 : 0);
  return {
    receivedAtMs,
    fromMs,
    seen: all.slice(0, largestSeen).filter((message) => message.receivedAtMs >= fromMs),
  };
}

export function seenMessage(message: { id: string; receivedAtMs: number }): SeenMessage {
  const hash = createHash('sha256').update(message.id).digest('base64url').slice(0, hashLength);
  return { receivedAtMs: message.receivedAtMs, hash };
}

export function invalidCursor(): PlatformError {
  return new PlatformError('invalid-request', 'The cursor is not valid.', {
    issues: [{ path: 'after', message: 'expected the `next` of an earlier answer' }],
  });
}

export function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
