import { createHash, createHmac } from 'node:crypto';
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
        await stage.drain();
        const body = { messageId: id, text: step.text, agent: step.agent };
        // The message stands for its conversation.
        await doors.answer(`/conversations/${written}/messages`, body);
        return;
      }
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
        await doors.mail(...mailOf(step, id, atMs, `${practice.mailbox}@${stage.inboundDomain}`));
        return;
    }
  };

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
