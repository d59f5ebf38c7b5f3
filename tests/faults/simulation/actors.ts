import { createHmac } from 'node:crypto';
import { callInteraction } from '../../../shared/call/callInteraction.ts';
import type { PhoneLine } from '../../../shared/call/callParties.ts';
import { receiveCall } from '../../../shared/call/receiveCall.ts';
import { textMessageInteraction } from '../../../shared/call/textMessageInteraction.ts';
import { twilioCallSchema, twilioTextMessageSchema } from '../../../shared/contracts/call.ts';
import type { Source } from '../../../shared/contracts/source.ts';
import { commandConversation } from '../../../shared/conversation/commandConversation.ts';
import type { ConversationDeed } from '../../../shared/conversation/conversationCommand.ts';
import { createConversationStore } from '../../../shared/conversation/conversationStore.ts';
import { noteConversation } from '../../../shared/conversation/noteConversation.ts';
import { sendMessage } from '../../../shared/conversation/sendMessage.ts';
import { createCustomerStore } from '../../../shared/customer/customerStore.ts';
import { createIdentityStore } from '../../../shared/identity/identityStore.ts';
import { createLeafOf, type LeafOf } from '../../../shared/identity/leaf.ts';
import { linkIdentifiers, unlinkIdentifiers } from '../../../shared/identity/linkByAgent.ts';
import { receiveMail } from '../../../shared/mail/receiveMail.ts';
import { PlatformError } from '../../../shared/platform/errors.ts';
import type { Pause } from '../../../shared/platform/pause.ts';
import type { Table } from '../../../shared/platform/table.ts';
import { collectEvents } from '../../../shared/segment/collectEvents.ts';
import type { Appended } from '../../../shared/timeline/timeline.ts';
import { createTimelineStore } from '../../../shared/timeline/timelineStore.ts';
import { replyAddressOf } from '../../../shared/token/replyAddress.ts';
import { createTokenStore } from '../../../shared/token/tokenStore.ts';
import { openSession } from '../../../shared/widget/openSession.ts';
import { receiveMessage } from '../../../shared/widget/receiveMessage.ts';
import { resumeConversation } from '../../../shared/widget/resumeConversation.ts';
import type { Visitor } from '../../../shared/widget/sessionToken.ts';
import type { Command, Deed } from './deeds.ts';
import type { Step } from './history.ts';
import { deliver, rawMail, replyTokens, type SentMail } from './mails.ts';

export const leafOf: LeafOf = createLeafOf(Buffer.alloc(32, 'a pepper of the simulation'));

/** What came of a step: the ids that were answered, or that it was refused and will always be. */
export type StepAnswer = { ids: string[] } | { refused: string } | { notYet: true };

/** One try of a step by one process. */
export interface Try {
  table: Table;
  pause: Pause;
  /** When the client wrote, by our clock. */
  begunAtMs: number;
  nowMs: number;
  newId: () => string;
  /** Ids that earlier steps were answered. */
  idOf: (step: number) => string | undefined;
  /** How often it was done before. */
  round: number;
  /** The mail that an earlier step sent. */
  mailOf: (step: number) => SentMail | undefined;
  sent: (mail: SentMail) => void;
}

const identitySecret = 'the identity secret of the website';
const website: Source = {
  kind: 'browser',
  name: 'website',
  keyHashes: [],
  scopes: ['events:write', 'widget:converse'],
  allowedOrigins: ['*'],
  identitySecret,
};
const reception: Source = { ...website, kind: 'agent', name: 'reception', scopes: ['conversations:write'] };
const line: PhoneLine = { name: 'twilio', parsePhone: sameNumber, language: 'de' };

/** Does a step through the real use cases. Throws where the outcome is unclear; then it is to be done again. */
export async function perform({ deed, number, skewMs }: Step, trial: Try): Promise<StepAnswer> {
  const timeline = createTimelineStore(trial.table);
  const conversations = createConversationStore(trial.table, timeline);
  const customers = createCustomerStore(trial.table);
  const common = { timeline, conversations, customers, leafOf, parsePhone: sameNumber, newId: trial.newId };
  const clientTime = new Date(trial.begunAtMs + skewMs).toISOString();
  const receivedAtMs = trial.nowMs;
  const messageId = `step-${number}`;
  const text = `words of step ${number}`;
  try {
    switch (deed.does) {
      case 'identify': {
        const { browser, email, name, phone, user } = deed;
        const body = {
          userId: user,
          ...(browser ? { anonymousId: browser } : {}),
          messageId,
          timestamp: clientTime,
          traits: { name, ...(email ? { email } : {}), ...(phone ? { phone } : {}), step: number },
        };
        const source = { kind: 'server', name: 'shop' } as const;
        await collectEvents(common, { call: 'identify', body, source, receivedAtMs });
        return { ids: [] };
      }
      case 'browse': {
        // Which user is signed in may come with the retry only.
        const userId = trial.round > 0 ? deed.claimedUser : undefined;
        const batch = deed.events.map((event, index) => ({
          ...eventOf(event),
          anonymousId: deed.browser,
          ...(userId ? { userId } : {}),
          messageId: `${messageId}-${index}`,
          timestamp: clientTime,
        }));
        const source = { kind: 'browser', name: 'website' } as const;
        await collectEvents(common, { call: 'batch', body: { batch }, source, receivedAtMs });
        return { ids: [] };
      }
      case 'claim': {
        const body = { userId: deed.user, messageId, timestamp: clientTime, traits: { step: number } };
        const source = { kind: 'browser', name: 'website' } as const;
        await collectEvents(common, { call: 'identify', body, source, receivedAtMs });
        return { ids: [] };
      }
      case 'session': {
        const { browser, email, isSigned, name, user } = deed;
        const request = {
          anonymousId: browser,
          ...(user ? { userId: user, ...(isSigned ? { userHash: signed(user) } : {}) } : {}),
          claims: { ...(email ? { email } : {}), ...(name ? { name } : {}) },
        };
        await openSession({ ...common, tokens: noTokens(receivedAtMs) }, { source: website, request, receivedAtMs });
        return { ids: [] };
      }
      case 'chat': {
        const message = { messageId, text, sentAt: clientTime };
        return answered(await receiveMessage(common, { visitor: visitorOf(deed), message, receivedAtMs }));
      }
      case 'deliver': {
        const answerId = trial.idOf(deed.to);
        if (answerId === undefined) return { notYet: true };
        // The occasion fixes its address once.
        const mail = trial.mailOf(number) ?? (await deliver(trial, common, answerId));
        if (mail === undefined) return { refused: 'no address' };
        trial.sent(mail);
        return { ids: [answerId] };
      }
      case 'resume': {
        const mail = trial.mailOf(deed.to);
        if (mail === undefined) return { notYet: true };
        if (mail.resumption === undefined) return { refused: 'no link' };
        const { stated } = await resumeConversation(
          { ...common, resumeUses: createTokenStore(trial.table), tokens: noTokens(receivedAtMs) },
          {
            source: website,
            resumption: { ...mail.resumption, expiresAtMs: Number.MAX_SAFE_INTEGER },
            anonymousId: deed.browser,
            receivedAtMs,
          },
        );
        return answered(stated);
      }
      case 'reply':
      case 'mail': {
        const answeredMail = deed.does === 'reply' ? trial.mailOf(deed.to) : undefined;
        if (deed.does === 'reply' && answeredMail === undefined) return { notYet: true };
        const mail =
          deed.does === 'mail'
            ? { ...deed, to: 'praxis@inbound.throughline.example', answers: trial.idOf(deed.refersTo ?? -1) }
            : {
                ...deed,
                email: deed.otherEmail ?? answeredMail?.to ?? '',
                subject: 'Re: Minka',
                to: replyAddressOf(answeredMail?.replyToken ?? '', 'inbound.throughline.example'),
                answers: undefined,
              };
        const objects = {
          readOriginal: async () => rawMail(number, mail),
          writePart: async () => undefined,
        };
        const status = deed.isProven ? 'PASS' : 'FAIL';
        const notification = {
          sesMessageId: `ses-${number}-${trial.round}`,
          receivedAtMs,
          envelopeFrom: mail.email,
          recipients: [mail.to],
          verdicts: { spam: 'PASS', virus: 'PASS', spf: status, dkim: status, dmarc: status },
          objectKey: 'raw/1',
        } as const;
        const ports = {
          ...common,
          objects,
          mailDomain: 'inbound.throughline.example',
          senderDomain: 'throughline.example',
          replyTokens,
          tokens: createTokenStore(trial.table),
        };
        const appended = await receiveMail(ports, { ...notification, recipients: [...notification.recipients] });
        return { ids: appended.map(({ id }) => id) };
      }
      case 'call': {
        const event = twilioCallSchema.parse({
          CallSid: `${deed.call}`,
          From: deed.phone,
          To: '+493011111111',
          CallStatus: deed.stage,
          Direction: 'inbound',
        });
        const interaction = callInteraction(event, line);
        return interaction ? answered(await receiveCall(common, interaction, receivedAtMs)) : { refused: 'no phase' };
      }
      case 'text': {
        const message = twilioTextMessageSchema.parse({
          MessageSid: `SM${number}`,
          From: deed.phone,
          To: '+493011111111',
          Body: text,
        });
        const interaction = textMessageInteraction(message, line);
        return interaction ? answered(await receiveCall(common, interaction, receivedAtMs)) : { refused: 'no phase' };
      }
      case 'resolve':
      case 'reopen':
      case 'snooze':
      case 'assign':
      case 'split':
      case 'merge':
      case 'note': {
        const conversationId = trial.idOf(deed.to);
        const into = deed.into === undefined ? undefined : trial.idOf(deed.into);
        if (conversationId === undefined || (deed.does === 'merge' && into === undefined)) return { notYet: true };
        const act = { conversationId, source: reception, agent: 'Ines', messageId, receivedAtMs };
        const appended =
          deed.does === 'note'
            ? await noteConversation(common, { ...act, text })
            : await commandConversation(common, { ...act, deed: deedOf(deed.does, into ?? '', trial.begunAtMs) });
        return appended ? answered(appended) : { notYet: true };
      }
      case 'link':
      case 'unlink': {
        const identities = createIdentityStore(trial.table, trial.pause);
        const statement = { a: deed.a, b: deed.b, agent: 'Ines', evidence: messageId, statedAtMs: trial.begunAtMs };
        const use = deed.does === 'link' ? linkIdentifiers : unlinkIdentifiers;
        await use({ identities, timeline, leafOf }, statement);
        return { ids: [] };
      }
      case 'answer': {
        const conversationId = trial.idOf(deed.to);
        if (conversationId === undefined) return { notYet: true };
        const message = { text, messageId, agent: 'Ines' };
        const appended = await sendMessage(common, { conversationId, source: reception, message, receivedAtMs });
        return appended ? answered(appended) : { notYet: true };
      }
    }
  } catch (error) {
    if (error instanceof PlatformError && error.code !== 'unavailable') return { refused: error.code };
    throw error;
  }
}

function noTokens(atMs: number) {
  return {
    issue: async () => ({ token: '', expiresAtMs: atMs }),
    verify: async (): Promise<Visitor> => Promise.reject(new Error('nobody shows a token here')),
  };
}

function answered({ id }: Appended): StepAnswer {
  return { ids: [id] };
}

function eventOf(event: 'page' | 'order' | 'event') {
  if (event === 'page') return { type: 'page', name: 'Vaccinations', properties: {} };
  if (event === 'event') return { type: 'track', event: 'Video Played', properties: {} };
  return { type: 'track', event: 'Order Completed', properties: { order_id: 'o', total: 12.5, currency: 'EUR' } };
}

function visitorOf({ browser, isSigned, user }: Extract<Deed, { does: 'chat' }>): Visitor {
  const visitor = { source: website.name, anonymousId: browser };
  return user ? { ...visitor, user: { userId: user, trust: isSigned ? 'proven' : 'claimed' } } : visitor;
}

function signed(user: string): string {
  return createHmac('sha256', identitySecret).update(user).digest('hex');
}

function deedOf(does: Exclude<Command, 'note'>, into: string, nowMs: number): ConversationDeed {
  if (does === 'snooze') return { does, untilMs: nowMs + 86_400_000 };
  if (does === 'assign') return { does, assignee: 'Ines' };
  return does === 'merge' ? { does, into } : { does };
}

function sameNumber(text: string): string {
  return text;
}
