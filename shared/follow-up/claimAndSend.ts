import type { Leaf } from '../identity/leaf.ts';
import type { Clock } from '../platform/clock.ts';
import { assertNever } from '../platform/errors.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { sentMessageId } from './followUpInteractions.ts';
import type { Mailer, OutgoingMail } from './mailer.ts';
import type { FollowUpClass } from './playbooks.ts';
import {
  changeLedger,
  isOpen,
  type SendEntry,
  type SendLedger,
  type SendLedgers,
  type SuppressionReason,
  standingOf,
  withEntry,
} from './sendLedger.ts';

export interface ClaimPorts {
  timeline: Pick<Timeline, 'readByIds'>;
  ledgers: Pick<SendLedgers, 'read' | 'write'>;
  mailer: Mailer;
  clock: Clock;
}

/**
 * `sent` and `suppressed` are final and stand on the timeline; `settled` was long ago, or went with another send. The
 * others ask for the command to come again: `waiting` while another try is unproven, `refused` where the mail
 * service took nothing, `unclear` where it did not say.
 */
export type SendOutcome =
  | { kind: 'sent' | 'settled' | 'waiting' | 'unclear' }
  | { kind: 'suppressed'; reason: SuppressionReason }
  | { kind: 'refused'; code: string };

/** A claimed send: since when, and which others its mail carries. */
export interface Claim {
  atMs: number;
  carried: readonly string[];
}

/** One send that is due, with everything that makes it. */
export interface DueSend {
  /** The leaf of the address, whose ledger decides. */
  address: Leaf;
  sendKey: string;
  class: FollowUpClass;
  purpose: string;
  /** A name of this very try. */
  owner: string;
  /** Keys of sends that may go out in the same mail; what is claimed already does not. */
  companions: readonly string[];
  /** What speaks against it now; `ledger` is without this send. */
  objection(ledger: SendLedger, nowMs: number): Promise<SuppressionReason | undefined>;
  compose(claim: Claim, interactionId: string): Promise<OutgoingMail>;
  /** Writes onto the timeline that it was sent; again it changes nothing. */
  recordSent(claim: Claim, mailId?: string): Promise<void>;
  /** Writes onto the timeline why it was not. */
  recordSuppressed(claim: Claim, reason: SuppressionReason): Promise<void>;
}

const races = 10;

/**
 * Claims a send in the ledger of its address, then sends once; or records why not. Of all tries with the same key at
 * most one mail is sent if it is marketing; a transactional one is tried a second time where it stayed unclear for 15
 * minutes whether the first was sent.
 */
export async function claimAndSend(ports: ClaimPorts, due: DueSend): Promise<SendOutcome> {
  const { address, owner, sendKey } = due;
  for (let race = 0; race < races; race++) {
    const { ledger, version } = await ports.ledgers.read(address);
    const nowMs = ports.clock();
    const before = ledger.entries[sendKey];
    if (before?.within !== undefined) {
      return { kind: (await isFinal(ports, due, ledger, before.within)) ? 'settled' : 'waiting' };
    }
    // The answer to our own claim was lost, and nothing was sent for it yet.
    if (before?.owner === owner && isOpen(before)) return send(ports, due, before, ledger);
    const after = await nextEntry(ports, due, { ledger, nowMs });
    if (after === 'waiting') return { kind: 'waiting' };
    if (after === 'sent') return recordSent(due, claimIn(ledger, sendKey, before?.atMs ?? nowMs));
    const changed = after === before ? ledger : withClaim(ledger, due, after, nowMs);
    if (changed !== ledger && !(await ports.ledgers.write(address, changed, version))) continue;
    return isOpen(after)
      ? send(ports, due, after, changed)
      : recordSuppressed(due, claimIn(changed, sendKey, after.atMs), after);
  }
  return { kind: 'waiting' };
}

/** The ledger with the entry, and with its companions that nobody has claimed yet. */
function withClaim(ledger: SendLedger, due: DueSend, entry: SendEntry, nowMs: number): SendLedger {
  const isFirst = ledger.entries[due.sendKey] === undefined && isOpen(entry);
  const free = isFirst ? due.companions.filter((key) => ledger.entries[key] === undefined) : [];
  return free.reduce(
    (changed, key) => withEntry(changed, key, { ...entry, within: due.sendKey }, nowMs),
    withEntry(ledger, due.sendKey, entry, nowMs),
  );
}

function claimIn({ entries }: SendLedger, sendKey: string, atMs: number): Claim {
  return { atMs, carried: Object.keys(entries).filter((key) => entries[key]?.within === sendKey) };
}

/** Whether nothing more becomes of a send: until then what it carries may still have to go by itself. */
async function isFinal(ports: ClaimPorts, { address }: DueSend, ledger: SendLedger, key: string): Promise<boolean> {
  const carrier = ledger.entries[key];
  return carrier === undefined || !isOpen(carrier) || (await isProven(ports, address, key, carrier));
}

async function isProven({ timeline }: ClaimPorts, address: Leaf, key: string, { atMs }: SendEntry): Promise<boolean> {
  const [sent] = await timeline.readByIds([sentMessageId(address, key, atMs)]);
  return sent !== undefined;
}

/** What the ledger is to say next about this send: the same entry where it is final. */
async function nextEntry(
  ports: ClaimPorts,
  due: DueSend,
  { ledger, nowMs }: { ledger: SendLedger; nowMs: number },
): Promise<SendEntry | 'waiting' | 'sent'> {
  const { address, owner, purpose, sendKey } = due;
  const before = ledger.entries[sendKey];
  const objection = () => due.objection(withEntry(ledger, sendKey, undefined, nowMs), nowMs);
  if (before === undefined) {
    const reason = await objection();
    const decided = { atMs: nowMs, class: due.class, purpose, owner };
    return reason ? { ...decided, state: 'suppressed', reason } : { ...decided, state: 'claimed' };
  }
  if (isOpen(before) && (await isProven(ports, address, sendKey, before))) return 'sent';
  const standing = standingOf(before, nowMs);
  switch (standing) {
    case 'sent':
      return 'sent';
    case 'suppressed':
      return before;
    case 'wait':
      return 'waiting';
    case 'retry':
    case 'drop': {
      const mayRetry = standing === 'retry' && (await objection()) === undefined;
      return mayRetry
        ? { ...before, state: 'retried', retriedAtMs: nowMs, owner }
        : { ...before, state: 'suppressed', reason: 'unclear' };
    }
    default:
      return assertNever(standing);
  }
}

async function send(ports: ClaimPorts, due: DueSend, entry: SendEntry, ledger: SendLedger): Promise<SendOutcome> {
  const claim = claimIn(ledger, due.sendKey, entry.atMs);
  const outcome = await ports.mailer.send(
    await due.compose(claim, sentMessageId(due.address, due.sendKey, claim.atMs)),
  );
  switch (outcome.kind) {
    case 'accepted':
      return recordSent(due, claim, outcome.messageId);
    case 'rejected': {
      const rejected: SendEntry = { ...entry, state: 'suppressed', reason: 'rejected' };
      const settled = await settle(ports, due, rejected, []);
      return settled?.state === 'sent' ? recordSent(due, claim) : recordSuppressed(due, claim, rejected);
    }
    case 'refused': {
      const { retriedAtMs: _retriedAtMs, ...first } = entry;
      const isRetry = entry.state === 'retried';
      const released: SendEntry | undefined = isRetry ? { ...first, state: 'claimed', owner: '' } : undefined;
      await settle(ports, due, released, isRetry ? [] : claim.carried);
      return outcome;
    }
    case 'unclear':
      return { kind: 'unclear' };
    default:
      return assertNever(outcome);
  }
}

/**
 * Replaces or releases our own claim, and releases what it carried; what somebody else made of it meanwhile stays and
 * is returned.
 */
async function settle(
  ports: ClaimPorts,
  { address, owner, sendKey }: DueSend,
  entry: SendEntry | undefined,
  released: readonly string[],
): Promise<SendEntry | undefined> {
  const settled = await changeLedger(ports.ledgers, address, (ledger) => {
    const current = ledger.entries[sendKey];
    if (current?.owner !== owner || !isOpen(current)) return undefined;
    const nowMs = ports.clock();
    return released.reduce(
      (changed, key) => withEntry(changed, key, undefined, nowMs),
      withEntry(ledger, sendKey, entry, nowMs),
    );
  });
  return settled.entries[sendKey];
}

async function recordSent(due: DueSend, claim: Claim, mailId?: string): Promise<SendOutcome> {
  await due.recordSent(claim, mailId);
  return { kind: 'sent' };
}

async function recordSuppressed(due: DueSend, claim: Claim, { reason = 'unclear' }: SendEntry): Promise<SendOutcome> {
  await due.recordSuppressed(claim, reason);
  return { kind: 'suppressed', reason };
}
