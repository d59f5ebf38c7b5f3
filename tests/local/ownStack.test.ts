import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { startTestPlatform, waitFor } from '../support/platform.ts';
import { storedInteractions } from '../support/storedInteractions.ts';

/* The stack of this repository, by its own template. */
const platform = await startTestPlatform();

test('it answers, and its keys are made once', async () => {
  const health = await fetch(`${platform.url}/health`);
  expect([health.status, await health.json()]).toMatchObject([200, { status: 'ok' }]);
  expect(Object.keys(platform.keys)).toEqual(
    expect.arrayContaining(['browserWriteKey', 'serverWriteKey', 'identitySecret', 'agentApiKey', 'lookupKey']),
  );
  const shown = await (await fetch(`${platform.url}/_local/keys`)).json();
  expect(shown).toEqual(platform.keys);
});

test('a conversation that is set aside comes back by the clock, through the deployed schedule', async () => {
  const { keys, url } = platform;
  const post = async (path: string, authorization: string, body: unknown) => {
    const headers = { authorization, 'content-type': 'application/json' };
    const response = await fetch(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Record<string, string>;
  };
  const basic = `Basic ${Buffer.from(`${keys.browserWriteKey}:`).toString('base64')}`;
  const { token } = await post('/widget/session', basic, { anonymousId: randomUUID() });
  const sentAt = new Date(platform.clock.now()).toISOString();
  const { id } = await post('/widget/messages', `Bearer ${token}`, { messageId: 'm1', text: 'Is Minka due?', sentAt });
  await platform.drain();
  const until = new Date(platform.clock.now() + 2 * 24 * 60 * 60 * 1000).toISOString();
  const agent = `Bearer ${keys.agentApiKey}`;
  const snooze = await post(`/conversations/${id}/snooze`, agent, { until });
  await platform.drain();

  const waiting = async (status: string) => {
    const response = await fetch(`${url}/conversations?status=${status}`, { headers: { authorization: agent } });
    const { conversations } = (await response.json()) as { conversations: { conversationId: string }[] };
    return conversations.map(({ conversationId }) => conversationId);
  };
  expect([await waiting('snoozed'), await waiting('open')]).toEqual([[id], []]);

  const woken = async () => (await storedInteractions(platform)).filter(({ type }) => type === 'conversation.woken');
  await post('/_local/clock', '', { advance: 'P1D' });
  await platform.drain();
  expect(await woken()).toEqual([]);
  await post('/_local/clock', '', { advance: 'P3D' });
  const [back, ...others] = await waitFor(async () => {
    const found = await woken();
    return found.length > 0 && found;
  });
  expect(back).toMatchObject({ occurredAt: until, properties: { message: id, snooze: snooze.id } });
  expect(others).toEqual([]);
  await platform.drain();
  expect([await waiting('snoozed'), await waiting('open')]).toEqual([[], [id]]);
}, 120_000);
