import * as z from 'zod';

/** How often a leaf may fail before the others stop waiting for it. */
const toleratedFailures = 3;
/** Failures farther apart than this have nothing to do with each other, in milliseconds. */
const togetherMs = 60 * 60 * 1000;

/**
 * A leaf whose projection fails. `failing`: its records are still tried again. `parked`: its records are passed over,
 * until it is folded from its timeline. `repairing`: that is being tried, and new records take effect again.
 */
export const parkedLeafSchema = z.object({
  leaf: z.string(),
  state: z.enum(['failing', 'parked', 'repairing']),
  /** The function that failed last. */
  consumer: z.string(),
  /** A code, such as the class of the error: never a text, which might hold personal data. */
  reason: z.string(),
  /** Sort key of the item that cannot be read, where it is that. */
  item: z.string().optional(),
  /** Of the first failure, in milliseconds. */
  sinceMs: z.number().int(),
  failures: z.number().int(),
  /** How often it was tried to repair it. */
  attempts: z.number().int(),
  version: z.number().int(),
});
export type ParkedLeaf = z.infer<typeof parkedLeafSchema>;

/** What went wrong with a leaf. */
export interface LeafFailure extends Pick<ParkedLeaf, 'leaf' | 'consumer' | 'reason' | 'item'> {
  /** Trying again would not help. */
  isFinal: boolean;
}

/** What is noted of a leaf once it has failed, after what was noted before. Of a parked one its first reason stays. */
export function afterFailure(
  before: ParkedLeaf | undefined,
  { isFinal, leaf, ...cause }: LeafFailure,
  nowMs: number,
): ParkedLeaf {
  const isOld = before?.state === 'failing' && nowMs - before.sinceMs > togetherMs;
  const earlier = isOld ? undefined : before;
  const failures = (earlier?.failures ?? 0) + 1;
  const isTolerated = !isFinal && failures < toleratedFailures && (earlier?.state ?? 'failing') === 'failing';
  return {
    ...(earlier?.state === 'parked' ? earlier : { leaf, ...cause }),
    state: isTolerated ? 'failing' : 'parked',
    sinceMs: earlier?.sinceMs ?? nowMs,
    failures,
    attempts: earlier?.attempts ?? 0,
    version: (before?.version ?? 0) + 1,
  };
}
