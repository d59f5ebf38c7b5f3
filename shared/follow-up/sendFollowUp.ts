import type { Identifier } from '../contracts/identifier.ts';
import type { Interaction } from '../contracts/interaction.ts';
import type { CustomerView } from '../customer/readCustomer.ts';
import type { Leaf, LeafOf } from '../identity/leaf.ts';
import type { Clock } from '../platform/clock.ts';
import type { NewId } from '../platform/ids.ts';
import { placeInteraction } from '../timeline/placeInteraction.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { readInteractionId } from '../timeline/timelineKeys.ts';
import { addressesOf } from './addressesOf.ts';
import { checkFollowUp } from './checkFollowUp.ts';
import { claimAndSend, type DueSend, type SendOutcome } from './claimAndSend.ts';
import { type ConsentRecord, mergeConsents, noConsents } from './consentOf.ts';
import type { FollowUpCommand } from './followUpCommand.ts';
import { sentInteraction, suppressedInteraction } from './followUpInteractions.ts';
import { occasionKeyOf, sendKeyOf } from './followUpKeys.ts';
import { isSuperseded } from './isSuperseded.ts';
import type { Mailer } from './mailer.ts';
import type { Playbook } from './playbooks.ts';
import { addressWaitMs, entryLifetimeMs, type SendLedger, type SendLedgers } from './sendLedger.ts';
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
}

/**
 * Sends a follow-up or records why not, whatever comes twice, at once or too late: of all commands with the same
 * occasion at most one mail is sent if it is marketing; a transactional one is tried a second time where it stayed
 * unclear for 15 minutes whether the first was sent. Where no address is known it waits ten minutes for one. Throws where the table or the occasion cannot be read.
 */
export async function sendFollowUp(ports: SendFollowUpPorts, command: FollowUpCommand): Promise<SendOutcome> {
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

  const recipients = addressesOf(view.head.identifiers)
    .map((recipient) => ({ recipient, address: ports.leafOf(recipient) }))
    .filter(({ address }) => !view.apart.includes(address));
  const occasionKey = occasionKeyOf(command);
  if (recipients.length === 0 && (await mayGetAddress(ports, occasionKey))) return { kind: 'waiting' };
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
  const followUp: FollowUp = {
    command,
    playbook,
    view,
    occasion,
    address,
    recipient: recipients.find((candidate) => candidate.address === address)?.recipient,
    sendKey: sendKeyOf(command, address),
    letter: await writeFollowUp(ports, { playbook, view, occasion, address }),
  };
  const others = new Set([...recipients.map((one) => one.address), ...view.emails]);
  others.delete(address);
  return claimAndSend(ports, dueSend(ports, followUp, [...others]));
}

/** Whether somebody without an address may still turn out to have one. */
async function mayGetAddress({ clock, ledgers }: SendFollowUpPorts, occasionKey: string): Promise<boolean> {
  const nowMs = clock();
  const sinceMs = await ledgers.lookForAddress(occasionKey, nowMs);
  return sinceMs !== undefined && nowMs - sinceMs < addressWaitMs;
}

/** Everything that makes the send of a follow-up; it is written before it is claimed, so a fault of a template leaves nothing behind. */
function dueSend(ports: SendFollowUpPorts, followUp: FollowUp, otherAddresses: readonly Leaf[]): DueSend {
  const { address, command, letter, occasion, playbook, recipient, sendKey, view } = followUp;
  return {
    address,
    sendKey,
    class: playbook.class,
    purpose: playbook.purpose,
    owner: ports.newId().slice(0, 8),
    companions: [],
    async objection(ledger, nowMs) {
      if (recipient === undefined) return 'no-address';
      const [isSupersededNow, otherLedgers] = await Promise.all([
        isSuperseded(ports.timeline, view, occasion),
        ledgersOf(ports, otherAddresses),
      ]);
      return checkFollowUp({
        playbook,
        ledger,
        otherLedgers,
        occasionAtMs: Date.parse(occasion.occurredAt),
        isSuperseded: isSupersededNow,
        nowMs,
      });
    },
    async compose({ atMs }, interactionId) {
      if (recipient === undefined) throw new Error('a send was claimed without an address');
      return {
        raw: await letter.compose({ to: recipient.value, interactionId, atMs }),
        from: ports.sender.address,
        to: recipient.value,
        tags: { sendKey, playbook: playbook.name },
      };
    },
    async recordSent({ atMs }, mailId) {
      const sent = sentInteraction({
        command,
        playbook,
        home: address,
        recipient,
        sendKey,
        claimedAtMs: atMs,
        subject: letter.subject,
        text: letter.message,
        language: letter.language,
        ...(mailId === undefined ? {} : { mailId }),
      });
      await ports.timeline.append(placeInteraction(sent, { newId: ports.newId, receivedAtMs: ports.clock() }));
    },
    async recordSuppressed({ atMs }, reason) {
      const suppressed = { command, playbook, home: address, recipient, key: sendKey, reason, atMs };
      const isObjected = reason === 'unsubscribed';
      const ledgers = isObjected ? await ledgersOf(ports, [address, ...otherAddresses]) : [];
      const objectedAtMs = ledgers.reduce<ConsentRecord>(mergeConsents, noConsents).unsubscribed[playbook.purpose];
      await suppress(ports, { ...suppressed, objectedAtMs });
    },
  };
}

async function suppress(
  ports: SendFollowUpPorts,
  suppressed: Parameters<typeof suppressedInteraction>[0],
): Promise<SendOutcome> {
  const interaction = suppressedInteraction(suppressed);
  await ports.timeline.append(placeInteraction(interaction, { newId: ports.newId, receivedAtMs: ports.clock() }));
  return { kind: 'suppressed', reason: suppressed.reason };
}

async function ledgersOf(ports: SendFollowUpPorts, addresses: readonly Leaf[]): Promise<SendLedger[]> {
  const read = await Promise.all(addresses.map(async (address) => ports.ledgers.read(address)));
  return read.map(({ ledger }) => ledger);
}
