import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestClock } from '../ports.ts';
import { type StoryStep, site, story, storyMinutes, visitor } from './story.ts';

const minuteMs = 60_000;

/** What the demo needs of the running platform: its front doors and its clock. */
export interface DemoStage {
  url: string;
  dataDir: string;
  keys: Record<string, string>;
  clock: TestClock;
  /** Resolves when everything taken in has been projected. */
  drain(): Promise<void>;
}

/**
 * Plays the story through the HTTP API with the clock set back by an hour and moved forward step by step; once per
 * data directory. Message ids and times depend only on the recorded beginning, so that a start that was interrupted
 * continues the story without telling anything twice.
 */
export async function playDemo(stage: DemoStage): Promise<void> {
  const recordPath = join(stage.dataDir, 'demo.json');
  const record = existsSync(recordPath)
    ? (JSON.parse(readFileSync(recordPath, 'utf8')) as { beganAtMs: number; done: boolean })
    : { beganAtMs: realNowMs() - storyMinutes * minuteMs, done: false };
  if (record.done) return;
  writeFileSync(recordPath, JSON.stringify(record));

  const visit = createVisit(stage);
  for (const [index, step] of story.entries()) {
    const atMs = record.beganAtMs + step.minute * minuteMs;
    stage.clock.advance(atMs - stage.clock.now());
    await visit(step, `demo-${record.beganAtMs}-${index}`, new Date(atMs).toISOString());
  }
  stage.clock.advance(realNowMs() - stage.clock.now());
  await stage.drain();
  writeFileSync(recordPath, JSON.stringify({ ...record, done: true }));
}

/** The real time, also where `Date` follows the test clock and a former start was interrupted in the past. */
function realNowMs(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}

function createVisit(stage: DemoStage) {
  const { browserWriteKey = '', agentApiKey = '' } = stage.keys;
  const browser = { authorization: `Basic ${Buffer.from(`${browserWriteKey}:`).toString('base64')}` };
  const agent = { authorization: `Bearer ${agentApiKey}` };
  let sessionToken = '';
  let page = { path: '/', title: '' };

  const send = async (method: 'GET' | 'POST', path: string, headers: Record<string, string>, body?: unknown) => {
    const response = await fetch(stage.url + path, {
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`the demo's ${method} ${path} was answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Record<string, unknown>;
  };

  const event = (call: string, messageId: string, timestamp: string, fields: Record<string, unknown>) =>
    send('POST', `/v1/${call}`, browser, {
      messageId,
      timestamp,
      anonymousId: visitor.anonymousId,
      context: { page: { ...page, url: site + page.path }, locale: 'en-GB', timezone: 'Europe/Berlin' },
      ...fields,
    });

  return async function perform(step: StoryStep, messageId: string, at: string): Promise<void> {
    switch (step.does) {
      case 'views':
        page = { path: step.path, title: step.title };
        await event('page', messageId, at, { name: step.title, properties: { ...page, url: site + page.path } });
        return;
      case 'tracks':
        await event('track', messageId, at, { event: step.event, properties: step.properties });
        return;
      case 'introduces herself':
        await event('identify', messageId, at, { traits: step.traits });
        return;
      case 'opens the chat': {
        const session = await send('POST', '/widget/session', browser, {
          anonymousId: visitor.anonymousId,
          language: 'en',
        });
        sessionToken = String(session.token);
        return;
      }
      case 'writes':
        await send(
          'POST',
          '/widget/messages',
          { authorization: `Bearer ${sessionToken}` },
          { messageId, text: step.text, sentAt: at },
        );
        return;
      case 'is answered': {
        await stage.drain();
        const found = await send('GET', `/customers?identifier=anonymousId:${visitor.anonymousId}`, agent);
        const customerId = (found.customers as { customerId: string }[])[0]?.customerId;
        const context = await send('GET', `/customers/${customerId}/context`, agent);
        const conversationId = (context.conversations as { conversationId: string }[])[0]?.conversationId;
        await send('POST', `/conversations/${conversationId}/messages`, agent, {
          messageId,
          text: step.text,
          agent: step.agent,
        });
        return;
      }
    }
  };
}
