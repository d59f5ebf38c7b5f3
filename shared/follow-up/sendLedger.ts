import type { Leaf } from '../identity/leaf.ts';
import type { ConsentRecord } from './consentOf.ts';
import { type FollowUpClass, longestPeriodMs } from './playbooks.ts';

/** Why something was not sent. */
export type SuppressionReason =
  | 'no-address'
  | 'unsubscribed'
  | 'no-consent'
  | 'address-suppressed'
  | 'frequency-cap'
  | 'superseded'
  | 'too-old'
  | 'read'
  | 'rejected'
  | 'unclear';

/**
 * What became of one send. `claimed`: somebody may be sending it. `retried`: whether the first try was sent stayed
 * unclear, and it is tried once more. `sent` and `suppressed` are final.
 */
export interface SendEntry {
  state: 'claimed' | 'retried' | 'sent' | 'suppressed';
  /** Of the claim or the decision: never changed, so that what is recorded about it has one id. */
  atMs: number;
  class: FollowUpClass;
  purpose: string;
  /** Who claimed it last: whoever finds its own name here may send, also where the answer to the claim was lost. */
  owner: string;
  retriedAtMs?: number;
  /** Key of the send whose mail carries this one too: what becomes of that becomes of this. */
  within?: string;
  /** Of what was suppressed. */
  reason?: SuppressionReason;
}

/** When a recipient agreed, and the interaction that says how. */
export interface Grant {
  atMs: number;
  evidence: string;
}

/** Everything that decides whether an address may be written to, in one item. */
export interface SendLedger extends ConsentRecord<Grant> {
  /** By send key. */
  entries: Record<string, SendEntry>;
  /** The mailbox does not exist, or its owner complained. */
  suppressed?: { reason: 'bounce' | 'complaint'; atMs: number };
}

export const emptyLedger: SendLedger = { entries: {}, unsubscribed: {}, granted: {} };

/** A ledger with the version under which it was read; 0 where there is none yet. */
export interface ReadLedger {
  ledger: SendLedger;
  version: number;
}

/** To which address an occasion's follow-up goes: decided once, by whoever comes first. */
export interface FixedAddress {
  /** Undefined where the customer had none. */
  address: Leaf | undefined;
  atMs: number;
}

/** Ledgers as use cases see them; `sendLedgerStore.ts` keeps them in the table. */
export interface SendLedgers {
  /** Sees every write that was acknowledged: 1 read unit per 4 KB. */
  read(address: Leaf): Promise<ReadLedger>;
  /** Replaces the ledger that was read at `version`; false where somebody else wrote one since. */
  write(address: Leaf, ledger: SendLedger, version: number): Promise<boolean>;
  /** The address that was fixed first, which may be another one than the given. */
  fixAddress(occasionKey: string, fixed: FixedAddress): Promise<FixedAddress>;
  /** The address that was fixed, if any was: 1 read unit. */
  fixedAddress(occasionKey: string): Promise<FixedAddress | undefined>;
  /** Since when an address is being looked for: the given time for who looks first. Undefined once it is fixed. */
  lookForAddress(occasionKey: string, nowMs: number): Promise<number | undefined>;
}

/**
 * How long a follow-up waits for an address: what says whose number it is may be folded after the call, or be said only
 * then. The queue offers it every three minutes.
 */
export const addressWaitMs = 10 * 60 * 1000;

/** Whether somebody may be sending it. */
export function isOpen({ state }: SendEntry): boolean {
  return state === 'claimed' || state === 'retried';
}

/** How long a claim without proof is left alone: a lost answer's Send event would be there by then. */
export const unclearAfterMs = 15 * 60 * 1000;

/** What is to be done about a send that has an entry already. */
export type SendStanding = 'sent' | 'suppressed' | 'wait' | 'retry' | 'drop';

/**
 * A claim that nobody proved within 15 minutes is sent once more if it is transactional: better twice than never.
 * Marketing is dropped: better never than twice.
 */
export function standingOf(entry: SendEntry, nowMs: number): SendStanding {
  if (entry.state === 'sent' || entry.state === 'suppressed') return entry.state;
  if (nowMs - (entry.retriedAtMs ?? entry.atMs) < unclearAfterMs) return 'wait';
  return entry.state === 'claimed' && entry.class === 'transactional' ? 'retry' : 'drop';
}

/**
 * Longer than any cap or age may be, by as much as a queue and its dead letters hold a message: who forgot an entry
 * finds its occasion too old.
 */
export const entryLifetimeMs = longestPeriodMs + 15 * 24 * 60 * 60 * 1000;

/** The ledger with one entry set or taken out, and without those that are too old to matter. */
export function withEntry(
  ledger: SendLedger,
  sendKey: string,
  entry: SendEntry | undefined,
  nowMs: number,
): SendLedger {
  const kept = Object.entries(ledger.entries).filter(
    ([key, { atMs }]) => key !== sendKey && nowMs - atMs < entryLifetimeMs,
  );
  return { ...ledger, entries: Object.fromEntries(entry ? [...kept, [sendKey, entry]] : kept) };
}

const attempts = 10;

/**
 * Changes a ledger however many others do at the same time. `change` gives undefined where nothing is to be changed;
 * the result is the ledger as it then stands. Throws after ten lost races.
 */
export async function changeLedger(
  ledgers: Pick<SendLedgers, 'read' | 'write'>,
  address: Leaf,
  change: (ledger: SendLedger) => SendLedger | undefined,
): Promise<SendLedger> {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const { ledger, version } = await ledgers.read(address);
    const changed = change(ledger);
    if (changed === undefined) return ledger;
    if (await ledgers.write(address, changed, version)) return changed;
  }
  throw new Error('a send ledger kept being changed by others');
}
