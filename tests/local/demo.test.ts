import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import webhooks from 'twilio/lib/webhooks/webhooks.js';
import { beforeAll, expect, test } from 'vitest';
import { playDemo } from '../../local/demo/playDemo.ts';
import type { Told } from '../../local/demo/readTold.ts';
import { signTwilio } from '../../local/demo/signTwilio.ts';
import { describeReady } from '../../local/describeReady.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { startTestPlatform, type TestPlatform } from '../support/platform.ts';

let platform: TestPlatform;
let told: Told;

beforeAll(async () => {
  platform = await startTestPlatform();
  told = await playDemo(platform);
}, 180_000);

const hour = 60 * 60 * 1000;

async function get<T>(path: string, key: string | undefined): Promise<T> {
  const response = await fetch(platform.url + path, { headers: { authorization: `Bearer ${key}` } });
  expect(response.status).toBe(200);
  return (await response.json()) as T;
}

/** What stands on the timeline of whoever calls from this number, oldest first. */
async function timelineOf(number: string): Promise<Interaction[]> {
  const { lookupKey, agentApiKey } = platform.keys;
  const { customerId } = await get<{ customerId: string }>(`/lookup?number=${encodeURIComponent(number)}`, lookupKey);
  const path = `/customers/${customerId}/timeline?limit=100&kinds=message,call,email,order`;
  return (await get<{ interactions: Interaction[] }>(path, agentApiKey)).interactions.toReversed();
}

interface Mail {
  to: string[];
  subject: string;
  text: string;
  raw: string;
}

async function mailbox(): Promise<Mail[]> {
  const path = '/_local/mailbox';
  const list = await get<{ messages: Mail[] }>(path, undefined);
  return list.messages;
}

const hers = () => timelineOf('030 23125 117');
const his = () => timelineOf('0171 3920044');
const steps = (interactions: Interaction[]) => interactions.map(({ type, channel }) => `${type} ${channel}`);

const herSteps = [
  'order.completed web',
  'message.received web',
  'message.sent web',
  'message.received web',
  'call.started voice',
  'call.answered voice',
  'call.ended voice',
  'message.received email',
  'message.sent email',
  'email.delivered email',
  'message.received email',
];
const hisSteps = ['call.started voice', 'call.missed voice', 'message.sent email', 'email.delivered email'];

test('website, call and mail of one person are one timeline, in order, each once', async () => {
  expect(steps(await hers())).toEqual(herSteps);
});

test('a missed caller gets one mail in his language, and its delivery stands on his timeline', async () => {
  expect(steps(await his())).toEqual(hisSteps);
  const [, mail] = await mailbox();
  expect(mail?.text).toContain('Jonas Reuter');
});

test('an answer that is read in the chat is not mailed; one to a mail is, in its thread, and the reply finds back', async () => {
  const mails = await mailbox();
  expect(mails.map(({ to, subject }) => ({ to, subject }))).toEqual([
    { to: ['lena.vogt@example.com'], subject: 'Re: Minka tomorrow at 9:20' },
    { to: ['jonas.reuter@example.com'], subject: 'Wir haben Ihren Anruf verpasst' },
  ]);
  const [question, answer, , reply] = (await hers()).slice(-4);
  expect(mails[0]?.raw).toContain(`In-Reply-To: ${question?.properties.messageId}`);
  expect(mails[0]?.text).toContain(answer?.text);
  expect(reply?.properties.to).toEqual([`reply@${platform.inboundDomain}`]);
  expect(new Set([question, answer, reply].map((one) => one?.conversationId)).size).toBe(1);
});

test('the lookup by her number in national spelling says who she is and where it ended', async () => {
  const answer = await get('/lookup?number=030%2023125%20117', platform.keys.lookupKey);
  expect(answer).toMatchObject({
    match: 'one',
    name: 'Lena Vogt',
    language: 'en',
    openConversation: {
      endedWith: { by: 'customer', channel: 'email', text: expect.stringContaining('vaccination card tomorrow?') },
      owes: 'us',
    },
    url: expect.stringContaining(platform.url),
  });
});

test('what is told of the story stands on the timelines and lies within the last hour', () => {
  const times = [
    told.lena?.chattedAt,
    told.lena?.calledAt,
    told.lena?.mailedAt,
    told.jonas?.calledAt,
    told.jonas?.mailedAt,
  ];
  for (const time of times) {
    const ageMs = Date.now() - Date.parse(time ?? '');
    expect(ageMs).toBeGreaterThan(0);
    expect(ageMs).toBeLessThan(hour + 60_000);
  }
});

test('playing it again changes nothing, also where the first time was interrupted before its end', async () => {
  expect(await playDemo(platform)).toEqual(told);
  const record = join(platform.dataDir, 'demo.json');
  const { beganAtMs } = JSON.parse(readFileSync(record, 'utf8')) as { beganAtMs: number };
  writeFileSync(record, JSON.stringify({ beganAtMs, done: false }));

  expect(await playDemo(platform)).toEqual(told);

  expect(steps(await hers())).toEqual(herSteps);
  expect(steps(await his())).toEqual(hisSteps);
}, 120_000);

test('what npm start prints says of the story only what the timelines tell', () => {
  const time = (minute: number) => new Date(Date.UTC(2026, 2, 2, 8, minute)).toISOString();
  const all: Told = {
    lena: { chattedAt: time(2), calledAt: time(40), mailedAt: time(55) },
    jonas: { calledAt: time(47), mailedAt: time(48) },
  };
  const printed = (of: Told | undefined) =>
    describeReady(platform, { json: false, told: of, timeZone: 'Europe/Berlin' }).filter((line) =>
      /Lena|Jonas/.test(line),
    );

  expect(printed(all)).toEqual([
    'Lena Vogt chatted 09:02, called 09:40, mailed 09:55: one timeline.',
    'Jonas Reuter called 09:47 and was missed; a mail in German reached him 09:48.',
  ]);
  expect(printed({})).toEqual([]);
  expect(printed(undefined)).toEqual([]);
});

test('the demo signs its calls as Twilio does', () => {
  const parameters = { CallSid: 'CA1', from: 'x', From: '+493023125117', To: '+493023125000', Empty: '' };
  const url = 'https://api.vet.example/voice/twilio/voice';
  expect(signTwilio('token', url, parameters)).toBe(webhooks.getExpectedTwilioSignature('token', url, parameters));
});
