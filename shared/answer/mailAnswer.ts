import type { Interaction } from '../contracts/interaction.ts';
import { leafOfMessage } from '../conversation/conversationKeys.ts';
import type { Conversations } from '../conversation/conversations.ts';
import { type ReadMarks, readerAt } from '../conversation/readMarks.ts';
import { sideOf } from '../conversation/sideOf.ts';
import { nameOf, preferencesShown } from '../customer/preferences.ts';
import { type ClaimPorts, claimAndSend, type DueSend, type SendOutcome } from '../follow-up/claimAndSend.ts';
import { occasionKeyOf, sendKeyOf } from '../follow-up/followUpKeys.ts';
import { templateLanguage } from '../follow-up/renderFollowUp.ts';
import { entryLifetimeMs, type SendLedgers } from '../follow-up/sendLedger.ts';
import type { Sender } from '../follow-up/writeFollowUp.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { NewId } from '../platform/ids.ts';
import { type IncomingInteraction, placeInteraction } from '../timeline/placeInteraction.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { ReplyTokens } from '../token/replyToken.ts';
import type { ResumeTokens } from '../token/resumeToken.ts';
import type { Tokens } from '../token/tokens.ts';
import type { AnswerCommand } from './answerCommand.ts';
import { answerPurpose, mailedInteraction, unmailedInteraction } from './answerInteractions.ts';
import { type AnswerToMail, type Recipient, recipientOf, sideOfAnswer } from './answerToMail.ts';
import type { FindAddressPorts } from './findAddress.ts';
import { isAnswer } from './isAnswer.ts';
import { answerSubject, writeAnswers } from './writeAnswers.ts';

export interface MailAnswerPorts extends ClaimPorts, FindAddressPorts {
  timeline: Pick<Timeline, 'append' | 'readByIds' | 'readRange'>;
  conversations: Pick<Conversations, 'readNewest'>;
  readMarks: Pick<ReadMarks, 'readMark'>;
  ledgers: SendLedgers;
  tokens: Pick<Tokens, 'bindReply'>;
  replyTokens: Pick<ReplyTokens, 'issue'>;
  resumeTokens: Pick<ResumeTokens, 'issue'>;
  sender: Sender;
  newId: NewId;
}

/** Older than that, an answer would only puzzle the customer; in milliseconds. */
const maximumAgeMs = 7 * 24 * 60 * 60 * 1000;
/** Messages among which answers that go out together are looked for. */
const searchedMessages = 50;

/**
 * Mails an answer where the customer is: in the thread of their mail, or, if it was not read in the widget, together
 * with all that were not. Whatever comes twice, at once or too late, an answer is mailed once; a second time only where
 * nothing proved for 15 minutes that the first mail was sent, and it was not read since. One that is not mailed says
 * why on the timeline; one that was read before anybody tried needs no word. `waiting` while its conversation is not
 * known yet, or while another answer's mail may bring it.
 */
export async function mailAnswer(ports: MailAnswerPorts, command: AnswerCommand): Promise<SendOutcome> {
  const [answer] = await ports.timeline.readByIds([command.answer]);
  if (answer === undefined || !isAnswer(answer)) throw new Error('there is no such answer');
  if (ports.clock() - Date.parse(answer.receivedAt) > entryLifetimeMs) return { kind: 'settled' };
  if (answer.conversationId === undefined) return { kind: 'waiting' };
  const { inReplyTo } = answer.properties;
  const [asked] = typeof inReplyTo === 'string' ? await ports.timeline.readByIds([inReplyTo]) : [];
  const toMail: AnswerToMail = { answer, asked, side: sideOfAnswer(answer, asked, ports) };
  const { isUnread, siblings } =
    answer.channel === 'web' ? await siblingsOf(ports, answer, answer.conversationId) : withoutSiblings;
  // What was read is still finished where a mail with it may have gone out.
  if (!isUnread(answer) && !(await wasTried(ports, answer))) return { kind: 'settled' };

  const recipient = await recipientOf(ports, toMail);
  const address = await fixed(ports, answer, recipient);
  if (address === undefined) {
    const key = occasionKeyOf(occasionOf(answer.id));
    const unmailed = { answers: [answer.id], home: homeOf(answer), key, reason: 'no-address' } as const;
    await record(ports, unmailedInteraction({ ...unmailed, atMs: Date.parse(answer.receivedAt) }));
    return { kind: 'suppressed', reason: 'no-address' };
  }
  const companions: Interaction[] = [];
  for (const other of siblings.filter(isUnread)) {
    if ((await fixed(ports, other, recipient))?.leaf === address.leaf) companions.push(other);
  }
  return claimAndSend(ports, dueSend(ports, { ...toMail, ...recipient, address }, { companions, isUnread, siblings }));
}

/** The other answers to the same side of a conversation in the widget, and which the customer was not shown. */
interface Siblings {
  siblings: readonly Interaction[];
  isUnread(answer: Interaction): boolean;
}

const withoutSiblings: Siblings = { siblings: [], isUnread: () => true };

async function siblingsOf(ports: MailAnswerPorts, answer: Interaction, conversationId: string): Promise<Siblings> {
  const side = sideOf(answer, ports.leafOf) ?? '';
  const [newest, readUntilMs] = await Promise.all([
    ports.conversations.readNewest(conversationId, searchedMessages),
    ports.readMarks.readMark(conversationId, [...new Set([readerAt(homeOf(answer), side), side])]),
  ]);
  const siblings = newest.filter(
    (message) =>
      message.id !== answer.id &&
      isAnswer(message) &&
      message.channel === 'web' &&
      sideOf(message, ports.leafOf) === side,
  );
  return { siblings, isUnread: ({ receivedAt }) => Date.parse(receivedAt) > readUntilMs };
}

/** Whether anybody had begun to mail it. */
async function wasTried({ ledgers }: MailAnswerPorts, { id }: Interaction): Promise<boolean> {
  return (await ledgers.fixedAddress(occasionKeyOf(occasionOf(id)))) !== undefined;
}

/** An address that was fixed; only its leaf is known where it is not the customer's any more. */
interface FixedAddress {
  leaf: Leaf;
  value?: string;
}

/** To which address an answer goes: decided once, by whoever comes first. */
async function fixed(
  ports: MailAnswerPorts,
  { id }: Interaction,
  { addresses }: Recipient,
): Promise<FixedAddress | undefined> {
  const { address: leaf } = await ports.ledgers.fixAddress(occasionKeyOf(occasionOf(id)), {
    address: addresses[0]?.leaf,
    atMs: ports.clock(),
  });
  return leaf === undefined ? undefined : (addresses.find((address) => address.leaf === leaf) ?? { leaf });
}

function dueSend(
  ports: MailAnswerPorts,
  { address, answer, asked, isClaimed, side, view }: AnswerToMail & Recipient & { address: FixedAddress },
  { companions, isUnread, siblings }: Siblings & { companions: readonly Interaction[] },
): DueSend {
  const keyOf = ({ id }: Interaction) => sendKeyOf(occasionOf(id), address.leaf);
  const sendKey = keyOf(answer);
  const known = view && preferencesShown(view.head.preferences);
  const language = templateLanguage(known?.language, ports.sender.language);
  const carriedBy = (carried: readonly string[]) =>
    [answer, ...siblings.filter((other) => carried.includes(keyOf(other)))].sort((one, other) =>
      one.receivedAt < other.receivedAt ? -1 : 1,
    );
  const idsOf = (carried: readonly string[]) => carriedBy(carried).map(({ id }) => id);
  const { company } = ports.sender;
  const subject = answerSubject({ answer, asked, language, company });
  return {
    address: address.leaf,
    sendKey,
    class: 'transactional',
    purpose: answerPurpose,
    owner: ports.newId().slice(0, 8),
    companions: companions.map(keyOf),
    // Who does not want follow-ups has still asked, and is answered.
    async objection(ledger, nowMs) {
      if (address.value === undefined) return 'no-address';
      if (ledger.suppressed) return 'address-suppressed';
      const carried = siblings.filter((other) => ledger.entries[keyOf(other)]?.within === sendKey);
      if (![answer, ...carried].some(isUnread)) return 'read';
      return nowMs - Date.parse(answer.receivedAt) > maximumAgeMs ? 'too-old' : undefined;
    },
    async compose({ atMs, carried }) {
      const { value: to } = address;
      if (to === undefined) throw new Error('a send was claimed without an address');
      const { name, token } = ports.replyTokens.issue(sendKey);
      // The mailbox as it wrote, if it wrote: also one for which nobody vouches continues its own conversation.
      const mailbox = asked?.channel === 'email' ? side.leaf : address.leaf;
      const binding = { message: answer.id, address: mailbox, ...side };
      // First, so that no reply comes to an address that means nothing.
      await ports.tokens.bindReply(name, binding, atMs);
      const resumption = {
        id: name,
        message: answer.id,
        // Beyond ten the link would outgrow what mail programs make one of.
        answers: idsOf(carried).slice(0, 10),
        address: address.leaf,
        source: asked?.source ?? '',
        language,
      };
      const raw = await writeAnswers({
        sender: ports.sender,
        language,
        subject,
        answers: carriedBy(carried),
        asked,
        name: view && !isClaimed ? nameOf(view.head.preferences) : undefined,
        to,
        replyToken: token,
        resumeToken:
          answer.channel === 'web' ? await ports.resumeTokens.issue({ ...resumption, ...side }, atMs) : undefined,
        atMs,
      });
      return { raw, from: ports.sender.address, to, tags: { sendKey, playbook: answerPurpose } };
    },
    async recordSent({ atMs, carried }, mailId) {
      const mailed = { answers: idsOf(carried), home: address.leaf, sendKey, claimedAtMs: atMs, subject, language };
      await record(ports, mailedInteraction({ ...mailed, ...(mailId === undefined ? {} : { mailId }) }));
    },
    async recordSuppressed({ atMs, carried }, reason) {
      const unmailed = { answers: idsOf(carried), home: homeOf(answer), key: sendKey, reason, atMs };
      await record(ports, unmailedInteraction(unmailed));
    },
  };
}

function homeOf({ id }: Interaction): Leaf {
  return leafOfMessage(id) ?? '';
}

async function record(ports: MailAnswerPorts, interaction: IncomingInteraction): Promise<void> {
  await ports.timeline.append(placeInteraction(interaction, { newId: ports.newId, receivedAtMs: ports.clock() }));
}

function occasionOf(answer: string) {
  return { playbook: answerPurpose, step: 'mail', occasion: answer };
}
