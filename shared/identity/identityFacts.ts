import type { Item } from '../platform/table.ts';
import { fromInteractionItem, toInteractionItem } from '../timeline/interactionItem.ts';
import { type IncomingInteraction, type Placement, placeInteraction } from '../timeline/placeInteraction.ts';
import type { ConflictReason, LinkRequest, UnlinkRequest } from './identities.ts';
import type { LinkTrust } from './identityNode.ts';
import type { Leaf } from './leaf.ts';
import type { LinkReason } from './linksOf.ts';

/**
 * That two leaves were linked, by whom and on what ground, for the timeline of `a`. It is placed at the time at which
 * its evidence was received, so the same link on the same evidence has the same id. An item, since it is written
 * together with the roots.
 */
export function linkedFactItem(request: LinkRequest, root: Leaf): Item {
  const { a, b, evidence, note, reason, statedAtMs, statedBy } = request;
  const by = reason === 'confirmed-by-agent' ? `, says ${statedBy}${wordsOf(note)}` : '';
  return factItem(
    {
      ...factOf(a.leaf, request.trust),
      type: 'identity.linked',
      messageId: ['identity.linked', evidence, a.leaf, b.leaf].join('|'),
      clientTimeMs: statedAtMs,
      text: `${recognised[reason]}: ${a.type} and ${b.type} are one customer${by}`,
      properties: { ...groundsOf(request), root },
    },
    statedAtMs,
  );
}

/** Why two leaves were parted: an agent asked for it, or a number turned out to belong to several people. */
export type UnlinkReason = 'separated-by-agent' | 'shared-phone';

/**
 * That two leaves were parted, once for the timeline of each. `were` tells whether they had been one customer: where
 * they had not, only a block between them is new. By its evidence it is the same fact.
 */
export function unlinkedFactItems(
  { leaf: a, from: b, evidence, reason: note, statedAtMs, statedBy }: UnlinkRequest,
  { were, reason }: { were: 'together' | 'apart'; reason: UnlinkReason },
): [Item, Item] {
  const said =
    reason === 'shared-phone' ? ', the number belongs to several people' : `, says ${statedBy}${wordsOf(note)}`;
  const text = `${were === 'together' ? 'Separated' : 'Kept apart'}: ${a.type} and ${b.type} are two customers${said}`;
  const itemOn = (home: Leaf) =>
    factItem(
      {
        ...factOf(home, reason === 'shared-phone' ? 'asserted' : 'proven'),
        type: 'identity.unlinked',
        messageId: ['identity.unlinked', evidence, a.leaf, b.leaf].join('|'),
        clientTimeMs: statedAtMs,
        text,
        properties: { a, b, reason, statedBy, evidence, were, ...(note === undefined ? {} : { note }) },
      },
      statedAtMs,
    );
  return [itemOn(a.leaf), itemOn(b.leaf)];
}

/** Whether two leaves were one customer when they were parted, by the item of that fact. */
export function readUnlinkedFact(item: Item | undefined): 'together' | 'apart' | undefined {
  const fact = item && fromInteractionItem(item);
  if (fact?.type !== 'identity.unlinked') return undefined;
  return fact.properties.were === 'apart' ? 'apart' : 'together';
}

/**
 * That two leaves were not linked although somebody said so. It has no time of its own, so it is stored once per pair
 * in 30 days; of browsers beyond the limit once for all of them: a source may make up a new one for every event.
 */
export function conflictedFact(request: LinkRequest, reason: ConflictReason): Placement {
  const { a, b, statedAtMs } = request;
  const isOneOfMany = reason === 'limit' && b.type === 'anonymousId';
  const fact: IncomingInteraction = {
    ...factOf(a.leaf, request.trust),
    type: 'identity.conflicted',
    messageId: ['identity.conflicted', reason, a.leaf, isOneOfMany ? b.type : b.leaf].join('|'),
    text: `Not recognised as one customer: ${a.type} and ${b.type}, ${conflictTexts[reason]}`,
    properties: { ...groundsOf(request), conflict: reason },
  };
  return place(fact, statedAtMs);
}

const recognised: Record<LinkReason, string> = {
  'stated-by-server': 'Recognised',
  'signed-user-id': 'Recognised by a signed user id',
  'resume-link': 'Recognised by an opened resume link',
  reply: 'Recognised by a reply',
  'confirmed-by-agent': 'Linked',
};

const conflictTexts: Record<ConflictReason, string> = {
  limit: 'together they would be too many',
  blocked: 'they were separated before',
  'shared-phone': 'the number belongs to several people',
};

/** What is common to facts of identity. They name leaves only, so they state nothing that could be linked again. */
function factOf(
  home: Leaf,
  trust: LinkTrust,
): Pick<IncomingInteraction, 'home' | 'channel' | 'direction' | 'source' | 'touchpoint' | 'trust' | 'identifiers'> {
  return {
    home,
    channel: 'system',
    direction: 'internal',
    source: 'platform',
    touchpoint: 'identity',
    trust,
    identifiers: [],
  };
}

function groundsOf({ a, b, evidence, lifts, note, reason, statedBy, trust }: LinkRequest): Record<string, unknown> {
  return {
    a,
    b,
    trust,
    reason,
    statedBy,
    evidence,
    ...(lifts ? { lifts } : {}),
    ...(note === undefined ? {} : { note }),
  };
}

function wordsOf(note: string | undefined): string {
  return note === undefined ? '' : `: ${note}`;
}

function factItem(fact: IncomingInteraction, statedAtMs: number): Item {
  const { key, interaction } = place(fact, statedAtMs);
  return toInteractionItem(key, interaction);
}

function place(fact: IncomingInteraction, statedAtMs: number): Placement {
  return placeInteraction(fact, { newId: hasMessageId, receivedAtMs: statedAtMs });
}

/** Facts have message ids of their own. */
function hasMessageId(): never {
  throw new Error('a fact of identity needs no made-up id');
}
