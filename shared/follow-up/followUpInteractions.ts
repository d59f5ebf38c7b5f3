import type { Identifier } from '../contracts/identifier.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { IncomingInteraction } from '../timeline/placeInteraction.ts';
import { interactionId, messageHashOf } from '../timeline/timelineKeys.ts';
import type { FollowUpCommand } from './followUpCommand.ts';
import type { Playbook } from './playbooks.ts';
import type { SuppressionReason } from './sendLedger.ts';

/** Source of interactions that the platform makes by itself. */
export const platformSource = 'platform';

/** Id of the `message.sent` of a send that was claimed at this time: known before it is made, so it can stand in the mail. */
export function sentMessageId(address: Leaf, sendKey: string, claimedAtMs: number): string {
  const messageHash = messageHashOf(platformSource, sendKey);
  return interactionId({ leaf: address, keyClass: 'E', occurredAtMs: claimedAtMs, messageHash });
}

/** The mail that went out, on the recipient's leaf. */
export function sentInteraction(sent: {
  command: FollowUpCommand;
  playbook: Playbook;
  home: Leaf;
  recipient: Identifier | undefined;
  sendKey: string;
  claimedAtMs: number;
  subject: string;
  text: string;
  language: string;
  /** The mail service's id; unknown where only its event proved the send. */
  mailId?: string;
}): IncomingInteraction {
  const { command, home, language, mailId, playbook, recipient, sendKey, subject } = sent;
  return {
    home,
    messageId: sendKey,
    clientTimeMs: sent.claimedAtMs,
    type: 'message.sent',
    channel: 'email',
    direction: 'outbound',
    source: platformSource,
    touchpoint: 'email',
    trust: 'asserted',
    identifiers: stated(recipient),
    text: sent.text,
    properties: {
      subject,
      language,
      // By itself: a person of ours has still not answered.
      automatic: true,
      inReplyTo: command.occasion,
      playbook: command.playbook,
      step: command.step,
      purpose: playbook.purpose,
      occasion: command.occasion,
      sendKey,
      ...(mailId === undefined ? {} : { mailId }),
    },
  };
}

/** Why nothing went out: on the recipient's leaf, or where there is no address on the cause's. */
export function suppressedInteraction(suppressed: {
  command: FollowUpCommand;
  playbook: Playbook;
  home: Leaf;
  recipient: Identifier | undefined;
  /** The send's key, or the occasion's where no address gave one. */
  key: string;
  reason: SuppressionReason;
  atMs: number;
  /** When the customer objected to the purpose, on whatever address. */
  objectedAtMs?: number | undefined;
}): IncomingInteraction {
  const { atMs, command, home, key, objectedAtMs, playbook, reason, recipient } = suppressed;
  return {
    home,
    messageId: `suppressed:${key}`,
    clientTimeMs: atMs,
    type: 'follow-up.suppressed',
    channel: 'system',
    direction: 'internal',
    source: platformSource,
    touchpoint: 'follow-up',
    trust: 'asserted',
    identifiers: stated(recipient),
    text: `Follow-up ${command.playbook} not sent: ${explanations[reason]}`,
    properties: {
      playbook: command.playbook,
      step: command.step,
      reason,
      purpose: playbook.purpose,
      ...(objectedAtMs === undefined ? {} : { objectedAt: new Date(objectedAtMs).toISOString() }),
      occasion: command.occasion,
    },
  };
}

/** Writing to an address proves nothing about it. */
function stated(recipient: Identifier | undefined): Identifier[] {
  return recipient ? [{ ...recipient, trust: 'asserted' }] : [];
}

const explanations: Record<SuppressionReason, string> = {
  'no-address': 'no address is known',
  unsubscribed: 'the customer objected',
  'no-consent': 'the customer has not consented',
  'address-suppressed': 'the address bounced or its owner complained',
  'frequency-cap': 'the customer was written to already',
  superseded: 'the customer has been answered since',
  'too-old': 'its cause lies too far back',
  read: 'it was read meanwhile',
  rejected: 'the mail service rejected it',
  unclear: 'whether it was sent stayed unclear',
};
