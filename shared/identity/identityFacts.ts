import type { Item } from '../platform/table.ts';
import { toInteractionItem } from '../timeline/interactionItem.ts';
import { type IncomingInteraction, type Placement, placeInteraction } from '../timeline/placeInteraction.ts';
import type { ConflictReason, LinkRequest } from './identities.ts';
import type { Leaf } from './leaf.ts';

/**
 * That two leaves were linked, by whom and on what ground, for the timeline of `a`. It is placed at the time at which
 * its evidence was received, so the same link on the same evidence has the same id. An item, since it is written
 * together with the roots.
 */
export function linkedFactItem(request: LinkRequest, root: Leaf): Item {
  const { a, b, evidence, statedAtMs } = request;
  const fact: IncomingInteraction = {
    ...factOf(request),
    type: 'identity.linked',
    messageId: ['identity.linked', evidence, a.leaf, b.leaf].join('|'),
    clientTimeMs: statedAtMs,
    text: `Recognised: ${a.type} and ${b.type} are one customer`,
    properties: { ...groundsOf(request), root },
  };
  const { key, interaction } = place(fact, statedAtMs);
  return toInteractionItem(key, interaction);
}

/**
 * That two leaves were not linked although somebody said so. It has no time of its own, so it is stored once per pair
 * in 30 days; of browsers beyond the limit once for all of them: a source may make up a new one for every event.
 */
export function conflictedFact(request: LinkRequest, reason: ConflictReason): Placement {
  const { a, b, statedAtMs } = request;
  const isOneOfMany = reason === 'limit' && b.type === 'anonymousId';
  const fact: IncomingInteraction = {
    ...factOf(request),
    type: 'identity.conflicted',
    messageId: ['identity.conflicted', reason, a.leaf, isOneOfMany ? b.type : b.leaf].join('|'),
    text: `Not recognised as one customer: ${a.type} and ${b.type}, ${conflictTexts[reason]}`,
    properties: { ...groundsOf(request), conflict: reason },
  };
  return place(fact, statedAtMs);
}

const conflictTexts: Record<ConflictReason, string> = {
  limit: 'together they would be too many',
  blocked: 'they were separated before',
  'shared-phone': 'the number belongs to several people',
};

/** What is common to facts of identity. They name leaves only, so they state nothing that could be linked again. */
function factOf({
  a,
  trust,
}: LinkRequest): Pick<
  IncomingInteraction,
  'home' | 'channel' | 'direction' | 'source' | 'touchpoint' | 'trust' | 'identifiers'
> {
  return {
    home: a.leaf,
    channel: 'system',
    direction: 'internal',
    source: 'platform',
    touchpoint: 'identity',
    trust,
    identifiers: [],
  };
}

function groundsOf({ a, b, evidence, reason, statedBy, trust }: LinkRequest): Record<string, unknown> {
  return { a, b, trust, reason, statedBy, evidence };
}

function place(fact: IncomingInteraction, statedAtMs: number): Placement {
  return placeInteraction(fact, { newId: hasMessageId, receivedAtMs: statedAtMs });
}

/** Facts have message ids of their own. */
function hasMessageId(): never {
  throw new Error('a fact of identity needs no made-up id');
}
