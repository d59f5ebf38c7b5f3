import type { Identifier } from '../contracts/identifier.ts';
import type { Channel, Direction, Interaction } from '../contracts/interaction.ts';
import { cutText } from '../conversation/cutText.ts';
import { type ConsentRecord, mergeConsents } from '../follow-up/consentOf.ts';
import type { Leaf } from '../identity/leaf.ts';
import { consentsIn } from './consentsIn.ts';
import { identifierList, mergeIdentifiers } from './identifierList.ts';
import { orderOf, orderTimeMs, shortOrder } from './interactionOrder.ts';
import { addMoney, amountOf, type MoneySum } from './money.ts';
import { mergePreferences, type Preferences, preferencesIn } from './preferences.ts';
import { type HeadPurchase, purchaseIn } from './purchase.ts';

/** Number of interactions that a head shows. */
const shownInteractions = 10;
/** Number of interactions that a head recognises when they come again, besides the shown ones. */
const rememberedInteractions = 14;
const rememberedPurchases = 5;
const shownTextLength = 56;

/** An interaction as a head shows it. Its `order` is its place on the leaf and, with the leaf, its id. */
export interface HeadInteraction {
  /** The leaf that keeps it, in the merged head of a linked customer; absent in a leaf's own. */
  leaf?: Leaf;
  order: string;
  type: string;
  channel: Channel;
  direction: Direction;
  text: string;
}

/**
 * What a leaf's interactions add up to. Every field is a sum, a minimum, a maximum or the first few by a fixed order,
 * so heads of different interactions merge into the same one whatever the order of merging.
 */
export interface Head {
  byType: Record<string, number>;
  byChannel: Partial<Record<Channel, number>>;
  firstSeenMs: number;
  lastSeenMs: number;
  /** By ISO 4217 code. */
  money: Record<string, MoneySum>;
  /** Newest first. */
  purchases: HeadPurchase[];
  preferences: Preferences;
  /** What was decided about mails. */
  consents: ConsentRecord;
  identifiers: Identifier[];
  /** Newest first. */
  shown: HeadInteraction[];
  /** Short orders of the next older interactions, newest first. */
  remembered: string[];
  /** Short order of the newest interaction that is no longer remembered. */
  mark?: string;
}

/**
 * What became of a fold: `folded` with what was new, `known` where everything had been folded before, `behind` where
 * something lies below the mark and might have been: only the timeline can tell.
 */
export type HeadFold = { kind: 'folded'; head: Head; fresh: Interaction[] } | { kind: 'known' } | { kind: 'behind' };

/** Folds interactions of the head's leaf into it, each once, in whatever order and however often they come. */
export function foldHead(head: Head | undefined, interactions: readonly Interaction[]): HeadFold {
  const fresh = new Map<string, Interaction>();
  for (const interaction of interactions) {
    const order = orderOf(interaction.id);
    if (head && isKnown(head, order)) continue;
    if (head?.mark !== undefined && shortOrder(order) <= head.mark) return { kind: 'behind' };
    fresh.set(order, interaction);
  }
  let folded = head;
  for (const interaction of fresh.values()) {
    const one = headOf(interaction);
    folded = folded ? mergeHeads(folded, one) : one;
  }
  return folded && fresh.size > 0 ? { kind: 'folded', head: folded, fresh: [...fresh.values()] } : { kind: 'known' };
}

/** The head of a single interaction. */
export function headOf(interaction: Interaction): Head {
  const { id, type, channel, direction, text = '' } = interaction;
  const order = orderOf(id);
  const purchase = purchaseIn(interaction, shortOrder(order));
  return {
    byType: { [type]: 1 },
    byChannel: { [channel]: 1 },
    firstSeenMs: orderTimeMs(order),
    lastSeenMs: orderTimeMs(order),
    money: moneyIn(interaction),
    purchases: purchase ? [purchase] : [],
    preferences: preferencesIn(interaction),
    consents: consentsIn(interaction),
    identifiers: identifierList(interaction.identifiers),
    ...(isBookkeeping(type)
      ? { shown: [], remembered: [shortOrder(order)] }
      : { shown: [{ order, type, channel, direction, text: cutText(text, shownTextLength) }], remembered: [] }),
  };
}

/** One head of two that share no interaction. */
export function mergeHeads(one: Head, other: Head): Head {
  const interactions = [...one.shown, ...other.shown].sort(newestFirst);
  const shown = interactions.slice(0, shownInteractions);
  const older = [
    ...interactions.slice(shownInteractions).map(({ order }) => shortOrder(order)),
    ...one.remembered,
    ...other.remembered,
  ].sort(descending);
  const [mark] = [...older.slice(rememberedInteractions), one.mark, other.mark]
    .filter((order) => order !== undefined)
    .sort(descending);
  return {
    byType: addCounts(one.byType, other.byType),
    byChannel: addCounts(one.byChannel, other.byChannel),
    firstSeenMs: Math.min(one.firstSeenMs, other.firstSeenMs),
    lastSeenMs: Math.max(one.lastSeenMs, other.lastSeenMs),
    money: addMoney(one.money, other.money),
    purchases: [...one.purchases, ...other.purchases].sort(newestFirst).slice(0, rememberedPurchases),
    preferences: mergePreferences(one.preferences, other.preferences),
    consents: mergeConsents(one.consents, other.consents),
    identifiers: mergeIdentifiers(one.identifiers, other.identifiers),
    shown,
    remembered: older.slice(0, rememberedInteractions),
    ...(mark === undefined ? {} : { mark }),
  };
}

/** Whether a head may have folded an interaction: below its mark it does not say. */
export function mayKnow(head: Head, id: string): boolean {
  const order = orderOf(id);
  return isKnown(head, order) || (head.mark !== undefined && shortOrder(order) <= head.mark);
}

/** What we noted about identifiers would crowd out what the customer did. */
function isBookkeeping(type: string): boolean {
  return type.startsWith('identity.');
}

function isKnown(head: Head, order: string): boolean {
  return head.shown.some((shown) => shown.order === order) || head.remembered.includes(shortOrder(order));
}

function moneyIn({ type, properties }: Interaction): Record<string, MoneySum> {
  const amount = type === 'order.completed' || type === 'order.refunded' ? amountOf(properties) : undefined;
  if (amount === undefined) return {};
  const sum =
    type === 'order.completed'
      ? { orders: 1, revenueMinor: amount.minor }
      : { orders: 0, revenueMinor: 0 - amount.minor };
  return { [amount.currency]: sum };
}

function addCounts<Name extends string>(
  one: Partial<Record<Name, number>>,
  other: Partial<Record<Name, number>>,
): Record<Name, number> {
  const counts = { ...one } as Record<Name, number>;
  for (const [name, count] of Object.entries(other) as [Name, number][]) counts[name] = (counts[name] ?? 0) + count;
  return counts;
}

function newestFirst(one: { order: string }, other: { order: string }): number {
  return descending(one.order, other.order);
}

function descending(one: string, other: string): number {
  return one < other ? 1 : one > other ? -1 : 0;
}
