import { platformSource } from '../follow-up/followUpInteractions.ts';
import type { SuppressionReason } from '../follow-up/sendLedger.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { IncomingInteraction } from '../timeline/placeInteraction.ts';

/** Purpose under which answers stand in the ledger; nobody objects to being answered. */
export const answerPurpose = 'answer';

/**
 * That answers went out in a mail: on the leaf of the mailbox, with the id that the events of the mail service derive.
 * It is no message of the conversation, only a delivery of them.
 */
export function mailedInteraction(mailed: {
  answers: readonly string[];
  /** The leaf of the mailbox. */
  home: Leaf;
  sendKey: string;
  claimedAtMs: number;
  subject: string;
  language: string;
  mailId?: string;
}): IncomingInteraction {
  const { answers, home, language, mailId, sendKey, subject } = mailed;
  return {
    home,
    messageId: sendKey,
    clientTimeMs: mailed.claimedAtMs,
    type: 'answer.mailed',
    channel: 'email',
    direction: 'outbound',
    source: platformSource,
    touchpoint: 'email',
    trust: 'asserted',
    identifiers: [],
    text: answers.length === 1 ? 'Answer mailed' : `${answers.length} answers mailed`,
    properties: {
      answers,
      subject,
      language,
      purpose: answerPurpose,
      sendKey,
      ...(mailId === undefined ? {} : { mailId }),
    },
  };
}

/** Why answers were not mailed: beside the answers themselves, where the agent looks. */
export function unmailedInteraction(unmailed: {
  answers: readonly string[];
  home: Leaf;
  key: string;
  reason: SuppressionReason;
  atMs: number;
}): IncomingInteraction {
  const { answers, atMs, home, key, reason } = unmailed;
  return {
    home,
    messageId: `suppressed:${key}`,
    clientTimeMs: atMs,
    type: 'answer.suppressed',
    channel: 'system',
    direction: 'internal',
    source: platformSource,
    touchpoint: 'email',
    trust: 'asserted',
    identifiers: [],
    text: `Answer not mailed: ${explanations[reason] ?? reason}`,
    properties: { answers, reason, purpose: answerPurpose },
  };
}

const explanations: Partial<Record<SuppressionReason, string>> = {
  'no-address': 'no address is known',
  'address-suppressed': 'the address bounced or its owner complained',
  'too-old': 'it was written too long ago',
  read: 'it was read meanwhile',
  rejected: 'the mail service rejected it',
  unclear: 'whether it was sent stayed unclear',
};
