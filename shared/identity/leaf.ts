import { createHmac } from 'node:crypto';
import type { IdentifierType } from '../contracts/identifier.ts';
import { normaliseIdentifier } from './normaliseIdentifier.ts';

/**
 * The partition of one identifier: 22 base64url characters of a keyed hash (132 bits), so that keys hold no readable
 * personal data. Equal identifiers give equal leaves for ever: the pepper never rotates.
 */
export type Leaf = string;

export const leafLength = 22;

/** An identifier whose interactions must not mix with the real leaf's: what anybody could have claimed. */
export interface LeafOwner {
  type: IdentifierType;
  value: string;
  claimed?: true;
}

/** Computes leaves with one deployment's pepper. */
export type LeafOf = (owner: LeafOwner) => Leaf;

export function createLeafOf(pepper: Buffer): LeafOf {
  return ({ type, value, claimed }) =>
    createHmac('sha256', pepper)
      .update(`${claimed ? 'claim:' : ''}${type}|${normaliseIdentifier(type, value)}`)
      .digest('base64url')
      .slice(0, leafLength);
}

export function isLeaf(text: string): boolean {
  return /^[\w-]{22}$/.test(text);
}
