import { beforeAll, expect, test } from 'vitest';
import { signTwilio } from '../../local/demo/signTwilio.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { startTestPlatform, type TestPlatform, waitFor } from '../support/platform.ts';

/*
 * The loop through the whole platform: the practice's server says who somebody is, the telephone system says that a call
 * was missed, and everything else happens by itself.
 */
let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
});

interface Mail {
  subject: string;
  raw: string;
}

const jonas = { userId: 'cust-42', email: 'jonas.reuter@example.com', phone: '+491713920044', language: 'de' };
const lena = {
  userId: 'cust-17',
  email: 'bounce+lena@simulator.amazonses.com',
  phone: '+493023125117',
  language: 'en',
};

async function identify({ userId, ...traits }: typeof jonas): Promise<void> {
  const authorization = `Basic ${Buffer.from(`${platform.keys.serverWriteKey}:`).toString('base64')}`;
  const body = JSON.stringify({ userId, messageId: `identify-${userId}`, timestamp: now(), traits });
  expect(
    (await fetch(`${platform.url}/v1/identify`, { method: 'POST', headers: { authorization }, body })).status,
  ).toBe(200);
  await platform.drain();
}

async function missCall({ phone }: typeof jonas, CallSid: string): Promise<void> {
  const call = {
    AccountSid: 'AC0',
    CallSid,
    From: phone,
    To: '+493023125000',
    Direction: 'inbound',
    ApiVersion: '2010-04-01',
  };
  await post('/voice/twilio/voice', { ...call, CallStatus: 'ringing' });
  await post('/voice/twilio/status', { ...call, CallStatus: 'no-answer', CallDuration: '0', SequenceNumber: '1' });
  await platform.drain();
}

async function post(path: string, parameters: Record<string, string>): Promise<void> {
  const url = platform.url + path;
  const signature = signTwilio(platform.keys.twilioAuthToken ?? '', url, parameters);
  const body = new URLSearchParams(parameters);
  const answer = await fetch(url, { method: 'POST', headers: { 'x-twilio-signature': signature }, body });
  expect(answer.status).toBe(200);
}

async function mailsTo({ email }: typeof jonas): Promise<Mail[]> {
  const answer = await fetch(`${platform.url}/_local/mailbox?to=${encodeURIComponent(email)}`);
  return ((await answer.json()) as { messages: Mail[] }).messages;
}

/** The customer's whole timeline, found by the number; oldest first. */
async function timelineOf({ phone }: typeof jonas): Promise<Interaction[]> {
  const headers = { authorization: `Bearer ${platform.keys.agentApiKey}` };
  const read = async (path: string) => (await fetch(platform.url + path, { headers })).json();
  const { customers } = (await read(`/customers?identifier=phone:${encodeURIComponent(phone)}`)) as {
    customers: { customerId: string }[];
  };
  const page = (await read(`/customers/${customers[0]?.customerId}/timeline`)) as { interactions: Interaction[] };
  return page.interactions.toReversed();
}

const ofType = async (who: typeof jonas, type: string) => {
  const found = (await timelineOf(who)).filter((interaction) => interaction.type === type);
  return found.length > 0 && found;
};

const now = () => new Date(platform.clock.now()).toISOString();

test('a missed call brings a German mail, its delivery comes back, and one click stops the next one', async () => {
  await identify(jonas);
  await missCall(jonas, 'CA0001');
  const [mail] = await waitFor(async () => {
    const mails = await mailsTo(jonas);
    return mails.length > 0 && mails;
  });
  expect(mail?.subject).toBe('Wir haben Ihren Anruf verpasst');
  const [delivered] = await waitFor(() => ofType(jonas, 'email.delivered'));
  const [sent] = await waitFor(() => ofType(jonas, 'message.sent'));
  expect(delivered?.properties.message).toBe(sent?.id);

  const [, link = ''] = /^List-Unsubscribe: <(\S+)>/m.exec(mail?.raw ?? '') ?? [];
  expect(link.startsWith(`${platform.url}/unsubscribe/`)).toBe(true);
  const body = new URLSearchParams({ 'List-Unsubscribe': 'One-Click' });
  expect((await fetch(link, { method: 'POST', body, redirect: 'error' })).status).toBe(200);
  platform.clock.advance(5 * 60 * 60_000);
  await missCall(jonas, 'CA0002');
  const [suppressed] = await waitFor(() => ofType(jonas, 'follow-up.suppressed'));
  expect(suppressed?.properties).toMatchObject({ playbook: 'missed-call', reason: 'unsubscribed' });
  expect(await mailsTo(jonas)).toHaveLength(1);
});

test('an address that bounces is not written to again, and the timeline says so', async () => {
  await identify(lena);
  await missCall(lena, 'CA0003');
  await waitFor(() => ofType(lena, 'email.bounced'));
  expect((await mailsTo(lena)).map(({ subject }) => subject)).toEqual(['We missed your call']);
  platform.clock.advance(5 * 60 * 60_000);
  await missCall(lena, 'CA0004');
  const [suppressed] = await waitFor(() => ofType(lena, 'follow-up.suppressed'));
  expect(suppressed?.properties).toMatchObject({ reason: 'address-suppressed' });
});
