import { strict as assert } from 'node:assert';
import { actionFor, allowedActions } from './allowedActions.ts';
import { channelSteps } from './channelSteps.ts';
import { type CallOptions, eventually, ok, request, type SmokeStep } from './httpClient.ts';
import type { Platform } from './startPlatform.ts';

/** The steps in their order; they share the running platform. */
export function smokeSteps(start: () => Promise<Platform>, readTemplate: () => Promise<unknown>): SmokeStep[] {
  let running: Platform | undefined;
  let conversationId = '';
  let session = '';
  let stored: unknown[] = [];
  const platform = (): Platform => {
    if (!running) throw new Error('The platform is not running.');
    return running;
  };
  const call = (method: string, path: string, options: CallOptions = {}) =>
    request(platform().api, method, path, options);
  const agent = () => ({ bearer: platform().keys.agentApiKey });
  const lenasTimeline = async () => {
    const { customers } = await call('GET', '/customers?identifier=userId:lena-vogt', agent()).then(ok);
    const customerId = customers?.[0]?.customerId;
    if (customerId === undefined) return [];
    const { interactions } = await call('GET', `/customers/${customerId}/timeline`, agent()).then(ok);
    return interactions ?? [];
  };

  return [
    {
      name: 'npm start serves the platform on this machine',
      run: async () => {
        running = await start();
        await call('GET', '/health').then(ok);
      },
    },
    {
      name: 'a Segment event sent three times stands once on the timeline',
      run: async () => {
        const sends = [1, 2, 3].map(() =>
          call('POST', '/v1/track', { basic: platform().keys.serverWriteKey, body: visitBooked }).then(ok),
        );
        for (const answer of await Promise.all(sends)) assert.equal(answer.success, true);
        await eventually(async () => assert.equal((await lenasTimeline()).length, 1));
      },
    },
    {
      name: 'a chat message reaches the inbox',
      run: async () => {
        const opened = await call('POST', '/widget/session', {
          basic: platform().keys.browserWriteKey,
          body: { anonymousId: 'smoke-visitor-1', claims: { name: 'Lena Vogt' } },
        }).then(ok);
        session = opened.token ?? '';
        const body = { messageId: 'smoke-message-1', text: 'Minka does not eat.', sentAt: new Date().toISOString() };
        await call('POST', '/widget/messages', { bearer: session, body }).then(ok);
        await eventually(async () => {
          const { conversations } = await call('GET', '/conversations?status=open', agent()).then(ok);
          conversationId = conversations?.find(({ endedWith }) => endedWith.text === body.text)?.conversationId ?? '';
          assert.notEqual(conversationId, '', 'no open conversation ends with the message');
        });
      },
    },
    {
      name: "the agent's answer reaches the widget",
      run: async () => {
        const body = { messageId: 'smoke-answer-1', text: 'Please bring her in today.', agent: 'Dr. Kranz' };
        await call('POST', `/conversations/${encodeURIComponent(conversationId)}/messages`, { ...agent(), body }).then(
          ok,
        );
        await eventually(async () => {
          const { messages } = await call('GET', '/widget/messages', { bearer: session }).then(ok);
          assert.deepEqual(
            messages?.map(({ by, text }) => `${by}: ${text}`),
            ['customer: Minka does not eat.', 'agent: Please bring her in today.'],
          );
        });
      },
    },
    {
      name: 'reads refuse a write key, writes a read key, and nobody reads without one',
      run: async () => {
        const { serverWriteKey, agentApiKey } = platform().keys;
        const refused = [
          await call('GET', '/customers?identifier=userId:lena-vogt', { bearer: serverWriteKey }),
          await call('GET', '/customers?identifier=userId:lena-vogt'),
          await call('GET', '/widget/messages'),
          await call('POST', '/v1/track', { basic: agentApiKey, body: visitBooked }),
        ];
        for (const { status, path } of refused)
          assert.ok(status === 401 || status === 403, `${path} answered ${status}`);
      },
    },
    ...channelSteps({ call, platform }),
    {
      name: 'every function used the table only as its policy in the template allows',
      run: async () => {
        const allowed = allowedActions(await readTemplate());
        const { operations = [] } = await call('GET', '/_local/metrics').then(ok);
        assert.ok(operations.length > 0, 'nothing was counted');
        const beyond = operations.filter((used) => !allowed.get(used.function)?.has(actionFor(used.operation)));
        assert.deepEqual(
          beyond.map((used) => `${used.function}: ${used.operation}`),
          [],
        );
      },
    },
    {
      name: 'Ctrl-C leaves no process behind, and what was stored is there after a new start',
      run: async () => {
        stored = await lenasTimeline();
        await platform().stop('SIGINT');
        running = await start();
        await eventually(async () => assert.deepEqual(await lenasTimeline(), stored));
      },
    },
    {
      name: 'the same after SIGKILL',
      run: async () => {
        await platform().stop('SIGKILL');
        running = await start();
        await eventually(async () => assert.deepEqual(await lenasTimeline(), stored));
        await running.stop('SIGINT');
        running = undefined;
      },
    },
    {
      name: 'nothing of the platform is left running',
      run: async () => {
        const left = running;
        running = undefined;
        await left?.stop('SIGKILL');
        assert.equal(left, undefined, 'it had to be killed');
      },
    },
  ];
}

const visitBooked = {
  messageId: 'smoke-event-1',
  userId: 'lena-vogt',
  event: 'Appointment Booked',
  timestamp: '2026-01-05T09:00:00.000Z',
  properties: { animal: 'cat', reason: 'vaccination' },
};
