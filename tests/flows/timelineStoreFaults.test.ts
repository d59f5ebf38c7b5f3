import { DynamoDBClient, type ServiceOutputTypes, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from 'vitest';
import { createTable } from '../../shared/platform/table.ts';
import { placeInteraction } from '../../shared/timeline/placeInteraction.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createTimelineTable, startTestEngine } from '../support/engine.ts';
import { arrivalMs, incoming, newLeaf } from '../support/timelineMessages.ts';

const home = newLeaf('faults');
const place = (messageId: string, clientTimeMs: number | undefined = arrivalMs) =>
  placeInteraction(incoming({ home, messageId, ...(clientTimeMs === undefined ? {} : { clientTimeMs }) }), {
    newId: () => 'made-id',
    receivedAtMs: arrivalMs,
  });
const timeless = () =>
  placeInteraction(incoming({ home, messageId: 'timeless' }), { newId: () => 'made-id', receivedAtMs: arrivalMs });

/** The store on a service that gives these answers, one per request; the last one again and again. */
function storeOn(answers: readonly (Partial<ServiceOutputTypes> | Error | (() => Promise<unknown>))[]) {
  const client = new DynamoDBClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  });
  let requests = 0;
  client.middlewareStack.add(
    () => async () => {
      const answer = answers[Math.min(requests++, answers.length - 1)];
      if (answer instanceof Error) throw answer;
      const output = typeof answer === 'function' ? await answer() : answer;
      return { output: { $metadata: {}, ...(output as object) }, response: {} };
    },
    { step: 'initialize' },
  );
  return { timeline: createTimelineStore(createTable(client, 'timeline')), requests: () => requests };
}

function cancelled(...codes: string[]): TransactionCanceledException {
  return new TransactionCanceledException({
    message: 'cancelled',
    $metadata: {},
    CancellationReasons: codes.map((Code) => ({ Code })),
  });
}

describe('a transaction', () => {
  test('that meets another one is tried again until there is a verdict', async () => {
    const { requests, timeline } = storeOn([
      cancelled('TransactionConflict', 'None'),
      cancelled('None', 'TransactionConflict'),
      {},
    ]);
    expect(await timeline.append(timeless())).toMatchObject({ duplicate: false });
    expect(requests()).toBe(3);
  });

  test('that keeps meeting others is an error after five tries: the sender tries again', async () => {
    const { requests, timeline } = storeOn([cancelled('TransactionConflict', 'None')]);
    await expect(timeline.append(timeless())).rejects.toThrow('cancelled');
    expect(requests()).toBe(5);
  });

  test('that is throttled is an error at once', async () => {
    const { requests, timeline } = storeOn([cancelled('ThrottlingError', 'None')]);
    await expect(timeline.append(timeless())).rejects.toThrow('cancelled');
    expect(requests()).toBe(1);
  });
});

describe('a batch', () => {
  test('of which one insert failed is an error, even if all others were stored', async () => {
    const { timeline } = storeOn([
      { Responses: [{}, { Error: { Code: 'DuplicateItem' } }, { Error: { Code: 'ThrottlingError' } }] },
    ]);
    const batch = ['m1', 'm2', 'm3'].map((messageId) => place(messageId));
    await expect(timeline.appendMany(batch)).rejects.toThrow('an insert failed with ThrottlingError');
  });

  test('that fails leaves nothing under way when it is reported', async () => {
    let underWay = 0;
    const later = async () => {
      underWay++;
      await new Promise((resolve) => setImmediate(resolve));
      underWay--;
      return { Responses: [] };
    };
    const { requests, timeline } = storeOn([later, new Error('the table is away'), later]);
    const batch = Array.from({ length: 2_500 }, (_, index) => place(`m${index}`));
    await expect(timeline.appendMany(batch)).rejects.toThrow('the table is away');
    expect(underWay).toBe(0);
    expect(requests()).toBeLessThan(100);
  });
});

describe('where the connection breaks after the write', () => {
  test.each(['append', 'appendMany'] as const)(
    '%s finds on its second try that the interaction is there',
    async (write) => {
      const engine = await startTestEngine();
      await createTimelineTable(engine.endpoint, 'timeline');
      const client = new DynamoDBClient({
        endpoint: engine.endpoint,
        region: 'eu-central-1',
        credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
      });
      const { requestHandler } = client.config;
      const handle = requestHandler.handle.bind(requestHandler);
      let tries = 0;
      requestHandler.handle = async (...request) => {
        const answer = await handle(...request);
        if (tries++ === 0)
          throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET', name: 'TimeoutError' });
        return answer;
      };
      const timeline = createTimelineStore(createTable(client, 'timeline'));
      const placed = place('m1');
      const [appended] = write === 'append' ? [await timeline.append(placed)] : await timeline.appendMany([placed]);
      expect(tries).toBe(2);
      expect(appended).toEqual({ id: placed.interaction.id, duplicate: true });
      expect(await timeline.readByIds([placed.interaction.id])).toHaveLength(1);
      client.destroy();
    },
  );
});
