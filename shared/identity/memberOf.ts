import type { Member } from './identityNode.ts';
import type { LeafOf } from './leaf.ts';
import type { StatedIdentifier } from './linksOf.ts';

/**
 * The leaf of an identifier as a member of a customer. What only stands for one call, text message or mail without a
 * sender (`call:…`) says nothing about a person, so it counts as anonymous for limits and order.
 */
export function memberOf(leafOf: LeafOf, end: StatedIdentifier | Member): Member {
  if ('leaf' in end) return end;
  const { type, value } = end;
  const isOccasion = type === 'externalId' && /^\s*(call|sms|mail):/.test(value);
  return { leaf: leafOf({ type, value }), type: isOccasion ? 'anonymousId' : type };
}
