import { strict as assert } from 'node:assert';
import webhooks from 'twilio/lib/webhooks/webhooks.js';
import { type Answer, type CallOptions, eventually, ok, type SmokeStep } from './httpClient.ts';
import type { Platform } from './startPlatform.ts';

export interface ChannelStepsClient {
  call(method: string, path: string, options?: CallOptions): Promise<Answer>;
  platform(): Platform;
}

/** Telephone, mail, lookup and the follow-up of a missed call, each through its own front door. */
export function channelSteps({ call, platform }: ChannelStepsClient): SmokeStep[] {
  const lookup = (number: string) =>
    call('GET', `/lookup?number=${encodeURIComponent(number)}`, { bearer: platform().keys.lookupKey }).then(ok);
  const timelineOf = async (number: string) => {
    const { customerId } = await lookup(number);
    const bearer = platform().keys.agentApiKey;
    return (await call('GET', `/customers/${customerId}/timeline`, { bearer }).then(ok)).interactions ?? [];
  };
  const typesOf = async (number: string) => (await timelineOf(number)).map(({ type }) => type);
  const mailsToJonas = async () => {
    const { messages = [] } = await call('GET', `/_local/mailbox?to=${jonas.traits.email}`).then(ok);
    return messages;
  };

  /** A form as Twilio posts and signs it; `token` signs instead of the account's own. */
  const telephone = (path: string, parameters: Record<string, string>, token = platform().keys.twilioAuthToken) => {
    const url = new URL(path, platform().api).href;
    const signature = webhooks.getExpectedTwilioSignature(token, url, parameters);
    const headers = { 'x-twilio-signature': signature };
    return call('POST', path, { headers, body: new URLSearchParams(parameters) });
  };
  const missedCall = async (callSid: string) => {
    await telephone('/voice/twilio/voice', ringing(callSid)).then(ok);
    const ended = { ...ringing(callSid), CallStatus: 'no-answer', SequenceNumber: '1' };
    for (const answer of await Promise.all([1, 2, 3, 4, 5].map(() => telephone('/voice/twilio/status', ended))))
      ok(answer);
  };

  return [
    {
      name: 'user id, address and number that a server names together are one customer',
      run: async () => {
        const basic = platform().keys.serverWriteKey;
        for (const body of [lena, jonas]) await call('POST', '/v1/identify', { basic, body }).then(ok);
        await eventually(async () => assert.equal((await lookup('030 23125 117')).name, 'Lena Vogt'));
        await eventually(async () => assert.equal((await lookup('0049 171 3920044')).name, 'Jonas Reuter'));
      },
    },
    {
      name: 'a mail that is delivered five times stands once on the timeline',
      run: async () => {
        const headers = { 'content-type': 'message/rfc822' };
        const delivery = () =>
          call('POST', '/_local/email', { headers, body: mail(platform().inboundDomain) }).then(ok);
        await Promise.all([1, 2, 3, 4, 5].map(delivery));
        await eventually(async () => {
          const mails = (await timelineOf('030 23125 117')).filter(({ channel }) => channel === 'email');
          assert.deepEqual(
            mails.map(({ type }) => type),
            ['message.received'],
          );
        });
      },
    },
    {
      name: 'the lookup by her number says who she is and where it ended, and nothing of a stranger',
      run: async () => {
        await eventually(async () => {
          const { match, openConversation } = await lookup('030 23125 117');
          assert.equal(match, 'one');
          assert.equal(openConversation?.endedWith.text, 'May Minka eat before her appointment?');
          assert.equal(openConversation?.owes, 'us');
        });
        assert.deepEqual(await lookup('040 7654321'), { match: 'none' });
      },
    },
    {
      name: 'a call event with a wrong signature is refused',
      run: async () => {
        const { status } = await telephone('/voice/twilio/voice', ringing('CAsmokewrong'), 'another-token');
        assert.equal(status, 403);
      },
    },
    {
      name: 'a missed call, told five times, is followed by one mail, and its delivery stands on the timeline',
      run: async () => {
        await missedCall('CAsmoke1');
        await eventually(async () => assert.ok((await typesOf(jonas.traits.phone)).includes('email.delivered')));
        const types = await typesOf(jonas.traits.phone);
        for (const type of ['call.missed', 'message.sent', 'email.delivered'])
          assert.equal(types.filter((one) => one === type).length, 1, type);
        const mails = await mailsToJonas();
        assert.deepEqual(
          mails.map(({ subject }) => subject),
          ['Wir haben Ihren Anruf verpasst'],
        );
      },
    },
    {
      name: 'one click unsubscribes: the next follow-up is not sent, with the reason on the timeline',
      run: async () => {
        const [mailed] = await mailsToJonas();
        const link =
          /^List-Unsubscribe: <([^>]+)>/im.exec(mailed?.raw.replaceAll(/\r?\n[ \t]+/g, ' ') ?? '')?.[1] ?? '';
        const { pathname } = new URL(link);
        await call('GET', pathname).then(ok);
        assert.ok(
          !(await typesOf(jonas.traits.phone)).includes('consent.withdrawn'),
          'looking at the page changed something',
        );
        await call('POST', pathname, { body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }) }).then(ok);
        await missedCall('CAsmoke2');
        await eventually(async () => {
          const suppressed = (await timelineOf(jonas.traits.phone)).find(({ type }) => type === 'follow-up.suppressed');
          assert.equal(suppressed?.properties.reason, 'unsubscribed');
        });
        assert.equal((await mailsToJonas()).length, 1);
      },
    },
  ];
}

const lena = {
  messageId: 'smoke-identify-1',
  userId: 'lena-vogt',
  traits: { name: 'Lena Vogt', email: 'lena.vogt@example.com', phone: '030 23125 117', language: 'en' },
};

const jonas = {
  messageId: 'smoke-identify-2',
  userId: 'jonas-reuter',
  traits: { name: 'Jonas Reuter', email: 'jonas.reuter@example.com', phone: '+491713920044', language: 'de' },
};

function ringing(callSid: string): Record<string, string> {
  return {
    AccountSid: 'ACsmoke',
    CallSid: callSid,
    CallStatus: 'ringing',
    Direction: 'inbound',
    From: jonas.traits.phone,
    To: '+493023125000',
  };
}

function mail(domain: string): string {
  return [
    'From: Lena Vogt <lena.vogt@example.com>',
    `To: praxis@${domain}`,
    'Subject: Minka tomorrow',
    'Message-ID: <smoke-mail-1@example.com>',
    'Content-Type: text/plain; charset=utf-8',
    '',
    'May Minka eat before her appointment?',
    '',
  ].join('\r\n');
}
