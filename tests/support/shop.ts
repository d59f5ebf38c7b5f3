import { createHmac } from 'node:crypto';
import { expect } from 'vitest';
import { signTwilio } from '../../local/demo/signTwilio.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { startTestPlatform, type TestPlatform, waitFor } from './platform.ts';

/** A mail that went out, as the mailbox lists it. */
export interface OutboundMail {
  subject: string;
  text: string;
  html: string;
  raw: string;
}

/** What a browser does with the widget. */
export interface Browser {
  anonymousId: string;
  /** Headers of its session. */
  session: Record<string, string>;
  write(text: string): Promise<string>;
  read(): Promise<string[]>;
  history(query?: string): Promise<{ messages: Record<string, string>[]; next: string | null }>;
}

/**
 * The whole platform as visitors, customers, agents and mail servers meet it. Everything goes over HTTP, and after every
 * step the streams and queues are empty.
 */
export async function startShop() {
  const platform: TestPlatform = await startTestPlatform();
  const { keys, url } = platform;
  let ids = 0;

  const call = async (
    method: string,
    path: string,
    options: { headers?: Record<string, string>; body?: unknown } = {},
  ) => {
    const response = await fetch(url + path, {
      method,
      headers: options.headers ?? {},
      ...(options.body === undefined ? {} : { body: JSON.stringify(options.body) }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    // biome-ignore lint/suspicious/noExplicitAny: tests compare answers with literals.
    return { status: response.status, text, body: (isJson ? JSON.parse(text) : undefined) as any };
  };
  const bearer = (token: string | undefined) => ({ authorization: `Bearer ${token}` });
  const agent = bearer(keys.agentApiKey);
  const settle = async () => {
    await platform.drain();
  };
  const advance = async (milliseconds: number) => {
    platform.clock.advance(milliseconds);
    await settle();
  };
  const nowIso = () => new Date(platform.clock.now()).toISOString();

  const timelineOf = async (identifier: string): Promise<Interaction[]> => {
    const found = await call('GET', `/customers?identifier=${encodeURIComponent(identifier)}`, { headers: agent });
    const id = found.body.customers[0]?.customerId;
    if (id === undefined) return [];
    const { body } = await call('GET', `/customers/${id}/timeline?limit=100`, { headers: agent });
    return body.interactions.toReversed();
  };
  const mailsTo = async (address: string): Promise<OutboundMail[]> =>
    (await call('GET', `/_local/mailbox?to=${encodeURIComponent(address)}`)).body.messages;

  const browserWith = (anonymousId: string, token: string): Browser => {
    const session = bearer(token);
    return {
      anonymousId,
      session,
      async write(text) {
        platform.clock.advance(1_000);
        const body = { messageId: `m-${ids++}`, text, sentAt: nowIso() };
        const answer = await call('POST', '/widget/messages', { headers: session, body });
        expect(answer.status).toBe(201);
        await settle();
        return answer.body.id;
      },
      async read() {
        const answer = await call('GET', '/widget/messages', { headers: session });
        expect(answer.status).toBe(200);
        return answer.body.messages.map(({ text }: { text: string }) => text);
      },
      async history(query = '') {
        const answer = await call('GET', `/widget/history${query}`, { headers: session });
        expect(answer.status).toBe(200);
        return answer.body;
      },
    };
  };

  return {
    platform,
    url,
    keys,
    call,
    agent,
    settle,
    advance,
    browserWith,
    userHash: (userId: string) =>
      createHmac('sha256', keys.identitySecret ?? '')
        .update(userId)
        .digest('hex'),

    /** Opens the widget in a browser; `more` is what the page says of the visitor. */
    async openWidget(anonymousId: string, more: Record<string, unknown> = {}): Promise<Browser> {
      const open = () =>
        call('POST', '/widget/session', {
          headers: { authorization: `Basic ${btoa(`${keys.browserWriteKey}:`)}` },
          body: { anonymousId, ...more },
        });
      // What was not answered in time is sent again, as the widget does.
      const answer = await waitFor(async () => {
        const tried = await open();
        return tried.status < 500 && tried;
      }, 60_000);
      expect(answer.status).toBe(201);
      await settle();
      return browserWith(anonymousId, answer.body.token);
    },

    /** A server of the shop says who is who. */
    async identify(event: Record<string, unknown>): Promise<void> {
      const headers = { authorization: `Basic ${btoa(`${keys.serverWriteKey}:`)}` };
      const body = { messageId: `i-${ids++}`, timestamp: nowIso(), ...event };
      expect((await call('POST', '/v1/identify', { headers, body })).status).toBe(200);
      await settle();
    },

    /** The conversation of a message, once it is known. */
    async conversationOf(messageId: string): Promise<string> {
      return waitFor(async () => {
        const { body } = await call('GET', `/conversations/${messageId}/messages`, { headers: agent });
        return body?.messages?.some(({ id }: { id: string }) => id === messageId) && messageId;
      });
    },

    async answer(conversationId: string, text: string, more: Record<string, unknown> = {}) {
      platform.clock.advance(1_000);
      const send = () =>
        call('POST', `/conversations/${conversationId}/messages`, { headers: agent, body: { text, ...more } });
      // A conversation is known a moment after its first message.
      const answer = await waitFor(async () => {
        const tried = await send();
        return tried.status !== 404 && tried;
      }, 60_000);
      await settle();
      return answer;
    },

    async messagesIn(conversationId: string): Promise<Record<string, string>[]> {
      return (await call('GET', `/conversations/${conversationId}/messages`, { headers: agent })).body.messages;
    },

    async customerOf(identifier: string): Promise<string | undefined> {
      const { body } = await call('GET', `/customers?identifier=${encodeURIComponent(identifier)}`, { headers: agent });
      return body.customers[0]?.customerId;
    },

    timelineOf,

    mailsTo,

    /** Asks again, while what is on its way comes in, until the answer is something other than undefined or false. */
    until: <T>(condition: () => Promise<T | undefined | false>): Promise<T> => waitFor(condition, 60_000),

    /** The latest mail to an address, once there are so many. */
    async mailTo(address: string, count = 1): Promise<OutboundMail | undefined> {
      let asked = 0;
      const mails = await waitFor(async () => {
        const all = await mailsTo(address);
        // What asks for it may have come into the queue after the clock was moved: then its delay began there.
        if (all.length < count && ++asked % 150 === 0) await advance(60_000);
        return all.length >= count && all;
      }, 90_000);
      await settle();
      expect(mails).toHaveLength(count);
      // The mailbox lists the latest first.
      return mails[0];
    },

    /** The first of a type on a customer's timeline, once it is there. */
    async happened(identifier: string, type: string): Promise<Interaction> {
      return waitFor(async () => (await timelineOf(identifier)).find((one) => one.type === type), 60_000);
    },

    /** A mail arrives; `dmarc` is the verdict on its sender. */
    async mail(options: {
      from: string;
      to: string;
      subject?: string;
      text: string;
      headers?: Record<string, string>;
      dmarc?: string;
    }): Promise<void> {
      platform.clock.advance(1_000);
      const { dmarc = 'PASS', from, headers = {}, subject = 'Minka', text, to } = options;
      const all = {
        From: from,
        To: to,
        Subject: subject,
        'Message-ID': `<mail-${ids++}@example.com>`,
        Date: new Date(platform.clock.now()).toUTCString(),
        ...headers,
      };
      const raw = `${Object.entries(all)
        .map(([name, value]) => `${name}: ${value}`)
        .join('\r\n')}\r\n\r\n${text}\r\n`;
      const query = new URLSearchParams({ from, recipient: to, dmarc });
      const answer = await fetch(`${url}/_local/email?${query}`, {
        method: 'POST',
        headers: { 'content-type': 'message/rfc822' },
        body: raw,
      });
      expect(answer.status).toBe(200);
      await settle();
    },

    /** A call comes in from a number and nobody picks up. */
    async missedCall(from: string): Promise<void> {
      platform.clock.advance(1_000);
      const common = {
        AccountSid: 'AC0',
        CallSid: `CA${ids++}`,
        From: from,
        To: '+493023125000',
        Direction: 'inbound',
        ApiVersion: '2010-04-01',
      };
      const post = async (path: string, parameters: Record<string, string>) => {
        const signature = signTwilio(keys.twilioAuthToken ?? '', url + path, parameters);
        const headers = { 'x-twilio-signature': signature };
        const body = new URLSearchParams(parameters);
        expect((await fetch(url + path, { method: 'POST', headers, body })).status).toBe(200);
      };
      await post('/voice/twilio/voice', { ...common, CallStatus: 'ringing' });
      await post('/voice/twilio/status', {
        ...common,
        CallStatus: 'no-answer',
        CallDuration: '0',
        SequenceNumber: '1',
      });
      await settle();
    },
  };
}

/** Where the replies to a mail go, and the link back into the conversation. */
export function linksIn(mail: OutboundMail | undefined): { replyTo: string; resume: string } {
  const head = (mail?.raw ?? '').replace(/\r?\n[ \t]+/g, ' ');
  const replyTo = /^Reply-To:\s*(\S+)/im.exec(head)?.[1] ?? '';
  const resume = /\/resume\/([\w.-]+)/.exec(mail?.text ?? '')?.[1] ?? '';
  return { replyTo, resume };
}
