import { createHash } from 'node:crypto';
import type { Leaf } from '../identity/leaf.ts';
import type { ItemKey } from '../platform/table.ts';

/*
 * Access patterns
 *   what was sent to an address, and whether it may be    get, put by version   pk A#addressLeaf   sk ~l
 *   to which address an occasion's follow-up goes         put if not fixed        pk A#occasionKey   sk ~o
 */

export function ledgerKey(address: Leaf): ItemKey {
  return { pk: `A#${address}`, sk: '~l' };
}

export function occasionItemKey(occasionKey: string): ItemKey {
  return { pk: `A#${occasionKey}`, sk: '~o' };
}

/** One step of a playbook for one cause: 22 base64url characters. */
export function occasionKeyOf(step: { playbook: string; step: string; occasion: string }): string {
  return hashOf([step.playbook, step.step, step.occasion]);
}

/** The same to one address: of all sends with the same key at most one is made. */
export function sendKeyOf(step: { playbook: string; step: string; occasion: string }, address: Leaf): string {
  return hashOf([step.playbook, step.step, step.occasion, address]);
}

function hashOf(parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 22);
}
