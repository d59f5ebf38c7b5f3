import { createHash, createHmac } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { TestClock } from '../ports.ts';
import type { FrontDoors } from './frontDoors.ts';
import { type Character, lena, practice, type StoryStep } from './story.ts';

export interface PlayersStage {
  /** Without `twilioAuthToken` nobody calls: this data directory has no phone line. */
  keys: Record<string, string>;
  /** Where the practice receives mail; without it nobody mails. */
  inboundDomain?: string | undefined;
  clock: TestClock;
  /** Resolves when everything taken in has been projected. */
  drain(): Promise<void>;
}

/** Performs one step at a time: `id` makes a repetition recognisable, `atMs` is when it happens. */
export type Perform = (step: StoryStep, id: string, atMs: number) => Promise<void>;

/** The people of the story at the front doors. */
export function createPlayers(stage: PlayersStage, doors: FrontDoors): Perform {
  let sessionToken = '';
  let written = '';
  let page = { path: '/', title: '' };

  const event = (call: string, id: string, atMs: number, fields: Record<string, unknown>) =>
    doors.browser(`/v1/${call}`, {
      messageId: id,
      timestamp: isoTime(atMs),
      anonymousId: lena.anonymousId,
      context: { page: { ...page, url: practice.site + page.path }, locale: 'en-GB', timezone: 'Europe/Berlin' },
      ...fields,
    });

  return async function perform(step, id, atMs) {
    switch (step.does) {
      case 'views':
        page = { path: step.path, title: step.title };
        await event('page', id, atMs, { name: step.title, properties: { ...page, url: practice.site + page.path } });
        return;
      case 'tracks':
        await event('track', id, atMs, { event: step.event, properties: step.properties });
        return;
      case 'introduces herself':
        await event('identify', id, atMs, { traits: step.traits });
        return;
      case 'opens the chat': {
        const { token } = await doors.browser('/widget/session', { anonymousId: lena.anonymousId, language: 'en' });
        sessionToken = String(token);
        return;
      }
      case 'writes': {
        const body = { messageId: id, text: step.text, sentAt: isoTime(atMs) };
        written = String((await doors.widget(sessionToken, '/widget/messages', body)).id);
        return;
      }
      case 'is answered': {
        if (step.where === 'mail' && stage.inboundDomain === undefined) return;
        await stage.drain();
        const body = { messageId: id, text: step.text, agent: step.agent };
        // A message stands for its conversation.
        const conversation = step.where === 'chat' ? written : await mailedConversationOf(doors, lena);
        await doors.answer(`/conversations/${conversation}/messages`, body);
        // It reaches her now, not when the next thing happens.
        await stage.drain();
        return;
      }
      case 'reads the chat':
        await doors.readWidget(sessionToken, '/widget/messages');
        return;
      case 'signs in':
        await event('identify', id, atMs, { userId: lena.userId });
        await doors.browser('/widget/session', {
          anonymousId: lena.anonymousId,
          userId: lena.userId,
          userHash: createHmac('sha256', stage.keys.identitySecret ?? '')
            .update(lena.userId)
            .digest('hex'),
        });
        await register(doors, lena, `${id}-server`, atMs, { anonymousId: lena.anonymousId });
        return;
      case 'is registered':
        await register(doors, step.who, id, atMs);
        return;
      case 'calls':
        if (stage.keys.twilioAuthToken === undefined) return;
        await call(step, id, atMs);
        // What follows from a missed call happens now, not when the story is over.
        if (step.answered === undefined) await stage.drain();
        return;
      case 'mails':
        if (stage.inboundDomain === undefined) return;
        await doors.mail(...mailOf(step, id, atMs, await recipientOf(step, stage.inboundDomain)));
        return;
    }
  };

  /** A reply goes where the mail that it answers asks for. */
  async function recipientOf({ isReply, who }: Extract<StoryStep, { does: 'mails' }>, domain: string): Promise<string> {
    if (!isReply) return `${practice.mailbox}@${domain}`;
    return until(`mail to ${who.name}`, async () => {
      const [mail] = await doors.mailsTo(who.email);
      return /^Reply-To:\s*(\S+)/im.exec(mail?.raw ?? '')?.[1];
    });
  }

  /** The forms that Twilio posts while a call rings, is put through or not, and ends. */
  async function call({ who, answered }: Extract<StoryStep, { does: 'calls' }>, id: string, atMs: number) {
    const common = {
      AccountSid: twilioId('AC', 'practice'),
      ApiVersion: '2010-04-01',
      CallSid: twilioId('CA', id),
      From: who.phone,
      To: practice.phone,
    };
    const incoming = { ...common, Direction: 'inbound' };
    const status = async (sequence: number, afterSeconds: number, parameters: Record<string, string>) => {
      const timeMs = atMs + afterSeconds * 1000;
      stage.clock.advance(timeMs - stage.clock.now());
      await doors.telephone('/voice/twilio/status', {
        ...parameters,
        CallbackSource: 'call-progress-events',
        SequenceNumber: String(sequence),
        Timestamp: new Date(timeMs).toUTCString().replace('GMT', '+0000'),
      });
    };
    await doors.telephone('/voice/twilio/voice', { ...incoming, CallStatus: 'ringing' });
    if (answered === undefined) {
      await status(0, 25, { ...incoming, CallStatus: 'no-answer', CallDuration: '0' });
      return;
    }
    const { afterSeconds, talkedSeconds } = answered;
    await status(0, afterSeconds, {
      ...common,
      CallSid: twilioId('CA', `${id}-agent`),
      ParentCallSid: common.CallSid,
      To: practice.desk,
      Direction: 'outbound-dial',
      CallStatus: 'in-progress',
    });
    await status(1, afterSeconds + talkedSeconds, {
      ...incoming,
      CallStatus: 'completed',
      CallDuration: String(talkedSeconds),
    });
  }
}

/** As the console finds it: by the caller's number. */
function mailedConversationOf(doors: FrontDoors, { name, phoneShown }: Character): Promise<string> {
  return until(`mail of ${name}`, async () => {
    const { openConversation } = await doors.lookup(phoneShown);
    const open = openConversation as { conversationId: string; endedWith?: { channel: string } } | undefined;
    return open?.endedWith?.channel === 'email' ? open.conversationId : undefined;
  });
}

/** On a busy machine what is on its way outlasts a drain. */
async function until<T>(what: string, find: () => Promise<T | undefined>): Promise<T> {
  for (const givenUpAt = performance.now() + 60_000; performance.now() < givenUpAt; await pause(100)) {
    const found = await find();
    if (found !== undefined) return found;
  }
  throw new Error(`the demo waited in vain for the ${what}`);
}

async function register(doors: FrontDoors, who: Character, messageId: string, atMs: number, more = {}): Promise<void> {
  const { name, email, phone, language, animal } = who;
  await doors.server('/v1/identify', {
    messageId,
    timestamp: isoTime(atMs),
    userId: who.userId,
    ...more,
    traits: { name, email, phone, language, animal },
  });
}

function mailOf(
  { who, subject, text }: Extract<StoryStep, { does: 'mails' }>,
  id: string,
  atMs: number,
  recipient: string,
): Parameters<FrontDoors['mail']> {
  const lines = [
    `From: ${who.name} <${who.email}>`,
    `To: Lindenhof Veterinary Practice <${recipient}>`,
    `Subject: ${subject}`,
    `Date: ${new Date(atMs).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${id}@${who.email.replace(/.*@/, '')}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    'Content-Transfer-Encoding: 8bit',
    '',
    ...text.split('\n'),
    '',
  ];
  return [{ from: who.email, recipient }, lines.join('\r\n')];
}

/** An id as Twilio makes them, the same for the same text. */
function twilioId(prefix: 'AC' | 'CA', text: string): string {
  return prefix + createHash('sha256').update(text).digest('hex').slice(0, 32);
}

function isoTime(timeMs: number): string {
  return new Date(timeMs).toISOString();
}
