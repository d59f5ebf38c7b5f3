import { setTimeout as pause } from 'node:timers/promises';
import type { FrontDoors } from '../../local/demo/frontDoors.ts';
import { waitFor } from './platform.ts';

/** Something that a sender sends again until it is acknowledged, and what then stands on a timeline, once each. */
export interface Sending {
  expected: Expected[];
  /** Rejects where it was not acknowledged. */
  send(doors: FrontDoors, inboundDomain: string): Promise<void>;
}

/** An interaction is known by its type and by a word that only it holds. */
export interface Expected {
  type: string;
  word: string;
}

/** A customer whose call was missed: one mail is owed to the address. */
export interface Owed {
  phone: string;
  email: string;
}

export interface MixedLoad {
  /** Who is who; it must be known before the calls, or nobody could be written to. */
  registrations: Sending[];
  sendings: Sending[];
  owed: Owed[];
}

const customers = 60;
const eventsPerBatch = 10;
const agent = 'Dr. Kranz';

/** At least so many interactions over all channels, always the same ones: about half are events, each tenth call is missed. */
export function mixedLoad(interactions: number): MixedLoad {
  const load: MixedLoad = { registrations: [], sendings: [], owed: [] };
  let planned = 0;
  for (let round = 0; planned < interactions; round++) {
    const who = customer(round % customers);
    if (round < customers) load.registrations.push(registration(who));
    const caller = customer(customers + round);
    load.registrations.push(registration(caller));
    load.owed.push(caller);
    const question = chatMessage(who, word(round, 'asks'));
    const sendings = [
      eventBatch(who, round),
      question,
      answerTo(question, word(round, 'answered')),
      missedCall(caller, `CA${word(round, 'calls')}`),
      textMessage(who, word(round, 'texts')),
      mail(who, word(round, 'mails')),
    ];
    load.sendings.push(...sendings);
    planned += sendings.reduce((sum, { expected }) => sum + expected.length, 0);
  }
  return load;
}

/** Resolves when it is known whose numbers these are; only then a call may be followed by a mail. */
export async function untilKnown(callers: readonly Owed[], doors: FrontDoors): Promise<void> {
  const isKnown = async ({ email, phone }: Owed) => {
    const found = await doors.read(`/customers?${new URLSearchParams({ identifier: `phone:${phone}` })}`);
    return JSON.stringify(found).includes(email);
  };
  for (const caller of callers) await waitFor(() => isKnown(caller), 60_000);
}

export interface Delivered {
  /** Sendings that were acknowledged, in that order. */
  acknowledged: Sending[];
  /** How often something was sent that was not acknowledged, and so was sent again. */
  resent: number;
}

/** There is nothing to send yet. */
class TooEarly extends Error {
  override name = 'TooEarly';
}

/** Sends everything, several at once, whatever was not acknowledged again and again; `doors` are asked for before each try. */
export async function sendAll(
  sendings: readonly Sending[],
  doors: () => Promise<{ doors: FrontDoors; inboundDomain: string }>,
  acknowledged: (count: number) => void = () => undefined,
): Promise<Delivered> {
  const waiting = [...sendings];
  const delivered: Delivered = { acknowledged: [], resent: 0 };
  const givenUpAt = performance.now() + patienceMs;
  const work = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      try {
        const open = await doors();
        await next.send(open.doors, open.inboundDomain);
        delivered.acknowledged.push(next);
        acknowledged(delivered.acknowledged.length);
      } catch (error) {
        if (performance.now() > givenUpAt) throw error;
        if (!(error instanceof TooEarly)) delivered.resent += 1;
        waiting.push(next);
        await pause(pauseMs);
      }
    }
  };
  await Promise.all(Array.from({ length: senders }, work));
  return delivered;
}

const senders = 16;
const patienceMs = 10 * 60_000;
const pauseMs = 50;

type Customer = ReturnType<typeof customer>;

function customer(index: number) {
  return {
    userId: `customer-${index}`,
    anonymousId: `visitor-${index}`,
    name: `Customer ${index}`,
    email: `customer-${index}@example.com`,
    phone: `+4930231${String(10_000 + index)}`,
    language: 'en',
  };
}

/** Long enough to be part of no other one. */
function word(round: number, does: string): string {
  return `${does}${String(100_000 + round)}`;
}

const sentAt = () => new Date().toISOString();
const practicePhone = '+493023125000';

function registration({ userId, anonymousId, name, email, phone, language }: Customer): Sending {
  const timestamp = sentAt();
  return {
    expected: [],
    send: async (doors) => {
      const traits = { name, email, phone, language };
      await doors.server('/v1/identify', { messageId: `is-${userId}`, timestamp, userId, anonymousId, traits });
    },
  };
}

function eventBatch({ userId }: Customer, round: number): Sending {
  const batch = Array.from({ length: eventsPerBatch }, (_, index) => ({
    type: 'track',
    userId,
    event: word(round * eventsPerBatch + index, 'tracked'),
    messageId: word(round * eventsPerBatch + index, 'event'),
    timestamp: sentAt(),
  }));
  return {
    expected: batch.map(({ event }) => ({ type: 'event.tracked', word: event })),
    send: async (doors) => {
      const { rejected } = await doors.server('/v1/batch', { batch });
      if (Array.isArray(rejected) && rejected.length > 0) throw new Error('an event was rejected');
    },
  };
}

interface ChatMessage extends Sending {
  /** The id of the stored message, once it is acknowledged. */
  id?: string;
}

function chatMessage({ anonymousId }: Customer, text: string): ChatMessage {
  const message = { messageId: `message-${text}`, text, sentAt: sentAt() };
  const sending: ChatMessage = {
    expected: [{ type: 'message.received', word: text }],
    send: async (doors) => {
      const { token } = await doors.browser('/widget/session', { anonymousId });
      sending.id = String((await doors.widget(String(token), '/widget/messages', message)).id);
    },
  };
  return sending;
}

/** An agent answers when the message has reached the inbox. */
function answerTo(question: ChatMessage, text: string): Sending {
  return {
    expected: [{ type: 'message.sent', word: text }],
    send: async (doors) => {
      if (question.id === undefined) throw new TooEarly('nobody has asked yet');
      const body = { messageId: `answer-${text}`, text, agent };
      await doors.answer(`/conversations/${encodeURIComponent(question.id)}/messages`, body).catch((error: Error) => {
        throw error.message.includes('answered 404') ? new TooEarly('the question is not in the inbox yet') : error;
      });
    },
  };
}

function missedCall({ phone }: Customer, callSid: string): Sending {
  const call = { AccountSid: 'AC0', CallSid: callSid, From: phone, To: practicePhone, Direction: 'inbound' };
  return {
    expected: ['call.started', 'call.missed'].map((type) => ({ type, word: `"callSid":"${callSid}"` })),
    send: async (doors) => {
      await doors.telephone('/voice/twilio/voice', { ...call, CallStatus: 'ringing' });
      await doors.telephone('/voice/twilio/status', { ...call, CallStatus: 'no-answer', SequenceNumber: '1' });
    },
  };
}

function textMessage({ phone }: Customer, text: string): Sending {
  const message = { AccountSid: 'AC0', MessageSid: `SM${text}`, From: phone, To: practicePhone, Body: text };
  return {
    expected: [{ type: 'message.received', word: text }],
    send: (doors) => doors.telephone('/voice/twilio/sms', { ...message, NumMedia: '0' }),
  };
}

function mail({ email, name }: Customer, text: string): Sending {
  const headers = [
    `From: ${name} <${email}>`,
    `Subject: About ${text}`,
    `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${text}@example.com>`,
    'Content-Type: text/plain; charset=utf-8',
  ];
  return {
    expected: [{ type: 'message.received', word: `About ${text}` }],
    send: (doors, domain) => {
      const recipient = `praxis@${domain}`;
      const message = [...headers, `To: ${recipient}`, '', 'May I bring her?', ''].join('\r\n');
      return doors.mail({ from: email, recipient }, message);
    },
  };
}
