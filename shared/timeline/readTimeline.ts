import type { Interaction } from '../contracts/interaction.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { Timeline } from './timeline.ts';
import {
  interactionId,
  type KeyClass,
  keyClassOf,
  positionText,
  readInteractionId,
  type TimelineKey,
} from './timelineKeys.ts';

const bothClasses: readonly KeyClass[] = ['E', 'B'];
/** Bound on the reading that one page may cause while a filter finds nothing. */
const roundsPerPage = 5;

/**
 * One page of a customer's timeline over all leaves, newest first. `before` is the previous page's `next`; `kinds`
 * are types (`order.completed`) or nouns (`message`). A filtered page may hold fewer than `limit` and still have a
 * `next`. Returns undefined where `before` is not a position.
 */
export async function readTimeline(
  timeline: Pick<Timeline, 'readRange'>,
  request: { leaves: readonly Leaf[]; limit: number; before?: string | undefined; kinds?: readonly string[] },
): Promise<{ interactions: Interaction[]; next: string | null } | undefined> {
  const { limit, kinds } = request;
  const wanted = (interaction: Interaction) => !kinds || kinds.some((kind) => matchesKind(interaction.type, kind));
  const classes = kinds ? bothClasses.filter((keyClass) => kinds.some((kind) => mayHold(keyClass, kind))) : bothClasses;
  const ranges = request.leaves.flatMap((leaf) => classes.map((keyClass) => ({ leaf, keyClass })));
  let before = request.before === undefined ? undefined : readInteractionId(request.before);
  if (request.before !== undefined && before === undefined) return undefined;

  const found: Interaction[] = [];
  for (let round = 0; round < roundsPerPage; round++) {
    const stretches = await Promise.all(ranges.map((range) => readStretch(timeline, { ...range, before, limit })));
    // A stretch that was cut is complete only down to there; below, interactions of it are still unread.
    const horizon = stretches
      .flatMap(({ cutAt }) => cutAt ?? [])
      .sort(newestFirst)
      .at(0);
    const merged = stretches
      .flatMap(({ entries }) => entries)
      .filter(({ key }) => horizon === undefined || newestFirst(key, horizon) <= 0)
      .sort((one, other) => newestFirst(one.key, other.key));
    for (const { interaction } of merged) {
      if (!wanted(interaction)) continue;
      if (found.length === limit) return { interactions: found, next: found.at(-1)?.id ?? null };
      found.push(interaction);
    }
    if (horizon === undefined) return { interactions: found, next: null };
    if (found.length === limit) return { interactions: found, next: found.at(-1)?.id ?? null };
    before = horizon;
  }
  return { interactions: found, next: before ? interactionId(before) : null };
}

interface Stretch {
  entries: { key: TimelineKey; interaction: Interaction }[];
  cutAt: TimelineKey | undefined;
}

async function readStretch(
  timeline: Pick<Timeline, 'readRange'>,
  range: { leaf: Leaf; keyClass: KeyClass; before: TimelineKey | undefined; limit: number },
): Promise<Stretch> {
  const { before, keyClass, leaf } = range;
  // Of one position on several leaves, those that come after the previous page's last are still unread.
  const inclusive = before !== undefined && newestFirst(before, { ...before, leaf, keyClass }) < 0;
  const { cutAt, interactions } = await timeline.readRange({ ...range, inclusive });
  return {
    entries: interactions.flatMap((interaction) => {
      const key = readInteractionId(interaction.id);
      return key ? [{ key, interaction }] : [];
    }),
    cutAt: cutAt && { ...cutAt, leaf, keyClass },
  };
}

/** Orders keys by position, newest first; the same position on several leaves or in both classes has an order too. */
function newestFirst(one: TimelineKey, other: TimelineKey): number {
  const [first, second] = [orderText(one), orderText(other)];
  return first === second ? 0 : first < second ? 1 : -1;
}

function orderText(key: TimelineKey): string {
  return `${positionText(key)}#${key.leaf}#${key.keyClass}`;
}

function matchesKind(type: string, kind: string): boolean {
  return type === kind || type.startsWith(`${kind}.`);
}

/** Whether interactions of a kind can lie in a class; of a bare noun both must be read unless it has one class only. */
function mayHold(keyClass: KeyClass, kind: string): boolean {
  if (kind.includes('.')) return keyClassOf(kind) === keyClass;
  const behaviourNouns = ['page', 'screen', 'event'];
  return kind === 'email' || behaviourNouns.includes(kind) === (keyClass === 'B');
}
