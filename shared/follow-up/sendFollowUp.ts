import type { Identifier } from '../contracts/identifier.ts';
import type { Interaction } from '../contracts/interaction.ts';
import type { CustomerView } from '../customer/readCustomer.ts';
import type { Leaf, LeafOf } from '../identity/leaf.ts';
import type { Clock } from '../platform/clock.ts';
import { assertNever } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import { placeInteraction } from '../timeline/placeInteraction.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { readInteractionId } from '../timeline/timelineKeys.ts';
import { addressesOf } from './addressesOf.ts';
import { checkFollowUp } from './checkFollowUp.ts';
import type { FollowUpCommand } from './followUpCommand.ts';
import { sentInteraction, sentMessageId, suppressedInteraction } from './followUpInteractions.ts';
import { occasionKeyOf, sendKeyOf } from './followUpKeys.ts';
import { isSuperseded } from './isSuperseded.ts';
import type { Mailer } from './mailer.ts';
import type { Playbook } from './playbooks.ts';
import {
  changeLedger,
  entryLifetimeMs,
  type SendEntry,
  type SendLedger,
  type SendLedgers,
  type SuppressionReason,
  standingOf,
  withEntry,
} from './sendLedger.ts';
import type { UnsubscribeTokens } from './unsubscribeToken.ts';
import { type FollowUpLetter, type Sender, writeFollowUp } from './writeFollowUp.ts';

export interface SendFollowUpPorts {
  readCustomer(leaf: Leaf): Promise<CustomerView | undefined>;
  timeline: Pick<Timeline, 'append' | 'readByIds'>;
  ledgers: SendLedgers;
  mailer: Mailer;
  tokens: Pick<UnsubscribeTokens, 'issue'>;
  playbooks: readonly Playbook[];
  sender: Sender;
  leafOf: LeafOf;
  newId: NewId;
  clock: Clock;
}

/**
 * `sent` and `suppressed` are final and stand on the timeline; `settled` was long ago. The others ask for the command to come again: `waiting`
 * while another try is unproven, `refused` where the mail service took nothing, `unclear` where it did not say.
 */
export type FollowUpOutcome =
  | { kind: 'sent' | 'settled' | 'waiting' | 'unclear' }
  | { kind: 'suppressed'; reason: SuppressionReason }
  | { kind: 'refused'; code: string };

/** One follow-up with everything that is known about it before its ledger is read. */
interface FollowUp {
  command: FollowUpCommand;
  playbook: Playbook;
  view: CustomerView;
  occasion: Interaction;
  address: Leaf;
  /** Undefined where the address is no longer the customer's. */
  recipient: Identifier | undefined;
  sendKey: string;
  letter: FollowUpLetter;
  owner: string;
}

const races = 10;

/**
 * Sends a follow-up or records why not, whatever comes twice, at once or too late: of all commands with the same
 * occasion at most one mail is sent if it is marketing; a transactional one is tried a second time where it stayed
 * unclear for 15 minutes whether the first was sent. Throws where the table or the occasion cannot be read.
 */
export async function sendFollowUp(ports: SendFollowUpPorts, command: FollowUpCommand): Promise<FollowUpOutcome> {
  const playbook = ports.playbooks.find(({ name, step }) => name === command.playbook && step === command.step);
  if (playbook === undefined) throw new Error('no playbook has this step');
  const [view, [occasion]] = await Promise.all([
    ports.readCustomer(command.customerId),
    ports.timeline.readByIds([command.occasion]),
  ]);
  if (view === undefined || occasion === undefined) throw new Error('the occasion of a follow-up is not there');
  if (occasion.type !== playbook.trigger) throw new Error('the occasion of a follow-up does not cause it');
  // A timeline that is folded again brings up old causes, of which nothing is remembered: they are settled.
  if (ports.clock() - Date.parse(occasion.occurredAt) > entryLifetimeMs) return { kind: 'settled' };

  const recipients = addressesOf(view.head.identifiers).map((recipient) => ({
    recipient,
    address: ports.leafOf(recipient),
  }));
  const occasionKey = occasionKeyOf(command);
  const fixed = await ports.ledgers.fixAddress(occasionKey, {
    address: recipients[0]?.address,
    atMs: ports.clock(),
  });
  if (fixed.address === undefined) {
    return suppress(ports, {
      command,
      playbook,
      home: readInteractionId(command.occasion)?.leaf ?? command.customerId,
      recipient: undefined,
      key: occasionKey,
      reason: 'no-address',
      atMs: fixed.atMs,
    });
  }
  const { address } = fixed;
  return claimAndSend(
    ports,
    {
      command,
      playbook,
      view,
      occasion,
      address,
      recipient: recipients.find((candidate) => candidate.address === address)?.recipient,
      sendKey: sendKeyOf(command, address),
      // Written before it is claimed: a fault of a template leaves nothing behind.
      letter: await writeFollowUp(ports, { playbook, view, occasion, address }),
      owner: ports.newId().slice(0, 8),
    },
    await ledgersOf(
      ports,
      recipients.map((one) => one.address).filter((other) => other !== address),
    ),
  );
}

async function claimAndSend(
  ports: SendFollowUpPorts,
  followUp: FollowUp,
  otherLedgers: readonly SendLedger[],
): Promise<FollowUpOutcome> {
  const { address, owner, sendKey } = followUp;
  for (let race = 0; race < races; race++) {
    const { ledger, version } = await ports.ledgers.read(address);
    const nowMs = ports.clock();
    const before = ledger.entries[sendKey];
    // The answer to our own claim was lost, and nothing was sent for it yet.
    if (before?.owner === owner && isOpen(before)) return send(ports, followUp, before);
    const after = await nextEntry(ports, followUp, { ledger, otherLedgers, nowMs });
    if (after === 'waiting') return { kind: 'waiting' };
    if (after === 'sent') return recordSent(ports, followUp, before?.atMs ?? nowMs);
    if (after !== before) {
      if (!(await ports.ledgers.write(address, withEntry(ledger, sendKey, after, nowMs), version))) continue;
    }
    return isOpen(after) ? send(ports, followUp, after) : recordSuppressed(ports, followUp, after);
  }
  return { kind: 'waiting' };
}

/** What the ledger is to say next about this send: the same entry where it is final. */
async function nextEntry(
  ports: SendFollowUpPorts,
  followUp: FollowUp,
  { ledger, nowMs, otherLedgers }: { ledger: SendLedger; otherLedgers: readonly SendLedger[]; nowMs: number },
): Promise<SendEntry | 'waiting' | 'sent'> {
  const { address, occasion, owner, playbook, recipient, sendKey, view } = followUp;
  const before = ledger.entries[sendKey];
  const objection = async () => {
    if (recipient === undefined) return 'no-address';
    return checkFollowUp({
      playbook,
      ledger: withEntry(ledger, sendKey, undefined, nowMs),
      otherLedgers,
      occasionAtMs: Date.parse(occasion.occurredAt),
      isSuperseded: await isSuperseded(ports.timeline, view, occasion),
      nowMs,
    });
  };
  if (before === undefined) {
    const reason = await objection();
    const decided = { atMs: nowMs, class: playbook.class, purpose: playbook.purpose, owner };
    return reason ? { ...decided, state: 'suppressed', reason } : { ...decided, state: 'claimed' };
  }
  if (isOpen(before)) {
    const [proof] = await ports.timeline.readByIds([sentMessageId(address, sendKey, before.atMs)]);
    if (proof) return 'sent';
  }
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

async function send(ports: SendFollowUpPorts, followUp: FollowUp, claim: SendEntry): Promise<FollowUpOutcome> {
  const { address, letter, playbook, recipient, sendKey } = followUp;
  if (recipient === undefined) throw new Error('a send was claimed without an address');
  const outcome = await ports.mailer.send({
    raw: await letter.compose({
      to: recipient.value,
      interactionId: sentMessageId(address, sendKey, claim.atMs),
      atMs: claim.atMs,
    }),
    from: ports.sender.address,
    to: recipient.value,
    tags: { sendKey, playbook: playbook.name },
  });
  switch (outcome.kind) {
    case 'accepted':
      return recordSent(ports, followUp, claim.atMs, outcome.messageId);
    case 'rejected': {
      const entry: SendEntry = { ...claim, state: 'suppressed', reason: 'rejected' };
      const settled = await settle(ports, followUp, entry);
      return settled?.state === 'sent'
        ? recordSent(ports, followUp, claim.atMs)
        : recordSuppressed(ports, followUp, entry);
    }
    case 'refused': {
      const { retriedAtMs: _retriedAtMs, ...first } = claim;
      await settle(ports, followUp, claim.state === 'retried' ? { ...first, state: 'claimed', owner: '' } : undefined);
      return outcome;
    }
    case 'unclear':
      return { kind: 'unclear' };
    default:
      return assertNever(outcome);
  }
}

/** Replaces or releases our own claim; what somebody else made of it meanwhile stays and is returned. */
async function settle(
  ports: SendFollowUpPorts,
  { address, owner, sendKey }: FollowUp,
  entry: SendEntry | undefined,
): Promise<SendEntry | undefined> {
  const settled = await changeLedger(ports.ledgers, address, (ledger) => {
    const current = ledger.entries[sendKey];
    return current?.owner === owner && isOpen(current) ? withEntry(ledger, sendKey, entry, ports.clock()) : undefined;
  });
  return settled.entries[sendKey];
}

async function recordSent(
  ports: SendFollowUpPorts,
  { address, command, letter, playbook, recipient, sendKey }: FollowUp,
  claimedAtMs: number,
  mailId?: string,
): Promise<FollowUpOutcome> {
  const sent = sentInteraction({
    command,
    playbook,
    home: address,
    recipient,
    sendKey,
    claimedAtMs,
    subject: letter.subject,
    text: letter.message,
    language: letter.language,
    ...(mailId === undefined ? {} : { mailId }),
  });
  await ports.timeline.append(placeInteraction(sent, { newId: ports.newId, receivedAtMs: ports.clock() }));
  return { kind: 'sent' };
}

async function recordSuppressed(
  ports: SendFollowUpPorts,
  { address, command, playbook, recipient, sendKey }: FollowUp,
  { atMs, reason = 'unclear' }: SendEntry,
): Promise<FollowUpOutcome> {
  return suppress(ports, { command, playbook, home: address, recipient, key: sendKey, reason, atMs });
}

async function suppress(
  ports: SendFollowUpPorts,
  suppressed: Parameters<typeof suppressedInteraction>[0],
): Promise<FollowUpOutcome> {
  const interaction = suppressedInteraction(suppressed);
  await ports.timeline.append(placeInteraction(interaction, { newId: ports.newId, receivedAtMs: ports.clock() }));
  return { kind: 'suppressed', reason: suppressed.reason };
}

async function ledgersOf(ports: SendFollowUpPorts, addresses: readonly Leaf[]): Promise<SendLedger[]> {
  const read = await Promise.all(addresses.map(async (address) => ports.ledgers.read(address)));
  return read.map(({ ledger }) => ledger);
}

function isOpen({ state }: SendEntry): boolean {
  return state === 'claimed' || state === 'retried';
}
