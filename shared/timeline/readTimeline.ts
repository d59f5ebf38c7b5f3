import type { Interaction } from '../contracts/interaction.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { Timeline } from './timeline.ts';
import { type KeyClass, keyClassOf, positionText, readInteractionId, readPosition } from './timelineKeys.ts';

const bothClasses: readonly KeyClass[] = ['E', 'B'];
/** Bound on the reading that one page may cause while a filter finds nothing. */
const roundsPerPage = 5;

/**
 * One page of a customer's timeline over all leaves, newest first. `before` is the previous page's `next`; `kinds`
 * are types (`order.completed`) or nouns (`message`). A filtered page may hold fewer than `limit` and still have a
 * `next`. Returns undefined where `before` is not a position.
 */
export async function readTimeline(
  timeline: Timeline,
  request: { leaves: readonly Leaf[]; limit: number; before?: string | undefined; kinds?: readonly string[] },
): Promise<{ interactions: Interaction[]; next: string | null } | undefined> {
  const { leaves, limit, kinds } = request;
  const wanted = (interaction: Interaction) => !kinds || kinds.some((kind) => matchesKind(interaction.type, kind));
  const classes = kinds ? bothClasses.filter((keyClass) => kinds.some((kind) => mayHold(keyClass, kind))) : bothClasses;
  let before = request.before === undefined ? undefined : readPosition(request.before);
  if (request.before !== undefined && before === undefined) return undefined;

  const found: Interaction[] = [];
  for (let round = 0; round < roundsPerPage; round++) {
    const stretches = await Promise.all(
      leaves.flatMap((leaf) => classes.map((keyClass) => timeline.readRange({ leaf, keyClass, before, limit }))),
    );
    // A stretch that was cut is complete only down to there; below, interactions of it are still unread.
    const horizon = stretches
      .flatMap(({ cutAt }) => (cutAt ? [positionText(cutAt)] : []))
      .sort()
      .at(-1);
    const merged = stretches
      .flatMap((stretch) => stretch.interactions)
      .filter((interaction) => horizon === undefined || positionOf(interaction) >= horizon)
      .sort((one, other) => (positionOf(one) < positionOf(other) ? 1 : -1));
    for (const interaction of merged) {
      if (!wanted(interaction)) continue;
      if (found.length === limit) return { interactions: found, next: positionOf(found.at(-1)) };
      found.push(interaction);
    }
    if (horizon === undefined) return { interactions: found, next: null };
    if (found.length === limit) return { interactions: found, next: positionOf(found.at(-1)) };
    before = readPosition(horizon);
  }
  return { interactions: found, next: before ? positionText(before) : null };
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

function positionOf(interaction: Interaction | undefined): string {
  const key = interaction && readInteractionId(interaction.id);
  return key ? positionText(key) : '';
}
