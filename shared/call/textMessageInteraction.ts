import type { TwilioTextMessage } from '../contracts/call.ts';
import type { OwnedInteraction } from './callInteraction.ts';
import { callParties, type PhoneLine } from './callParties.ts';

/**
 * A text message as an interaction: one that came in, or (from its status) one that was sent and then delivered or not.
 * Whatever tells it is recognised by the message's id. Undefined while a message of ours only waits to be sent.
 */
export function textMessageInteraction(message: TwilioTextMessage, line: PhoneLine): OwnedInteraction | undefined {
  const { Body, From, MessageSid, MessageStatus = 'received', To } = message;
  const outcome = outcomes[MessageStatus];
  if (outcome === undefined) return undefined;
  const isIn = outcome === 'received';
  const { direction, from, identifiers, owner, to, touchpoint } = callParties(
    { from: From, to: To, isCallIn: isIn, unknownId: `sms:twilio:${MessageSid}` },
    line,
  );
  const media = isIn ? mediaOf(message) : [];
  return {
    owner,
    messageId: isIn ? MessageSid : `${MessageSid}:${outcome}`,
    type: `message.${outcome}`,
    channel: 'sms',
    direction,
    source: line.name,
    touchpoint,
    trust: isIn ? 'claimed' : 'asserted',
    identifiers,
    text: Body === '' ? silentTexts[outcome] : Body,
    properties: {
      messageSid: MessageSid,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(/^whatsapp:/i.test(isIn ? From : To) ? { medium: 'whatsapp' } : {}),
      ...(media.length > 0 ? { media } : {}),
      ...(message.ErrorCode === undefined ? {} : { errorCode: message.ErrorCode }),
      ...(line.language === undefined ? {} : { language: line.language }),
    },
  };
}

type Outcome = 'received' | 'sent' | 'failed';

const outcomes: Record<string, Outcome | undefined> = {
  received: 'received',
  receiving: 'received',
  sent: 'sent',
  delivered: 'sent',
  read: 'sent',
  failed: 'failed',
  undelivered: 'failed',
};

const silentTexts: Record<Outcome, string> = {
  received: 'Message without text',
  sent: 'Text message sent',
  failed: 'Text message could not be delivered',
};

/** Twilio allows ten attachments. */
const mostMedia = 10;

function mediaOf(message: TwilioTextMessage): { url: string; type?: string }[] {
  const count = Math.min(message.NumMedia ?? 0, mostMedia);
  return Array.from({ length: count }).flatMap((_, index) => {
    const url = message[`MediaUrl${index}`];
    const type = message[`MediaContentType${index}`];
    return typeof url === 'string' ? [{ url, ...(typeof type === 'string' ? { type } : {}) }] : [];
  });
}
