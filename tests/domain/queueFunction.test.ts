import type { Context, SQSEvent } from 'aws-lambda';
import { expect, test } from 'vitest';
import { eachMessage, queueFunction, TryAgainLater } from '../../shared/platform/queue.ts';

function deliver(handle: (body: string) => Promise<void>) {
  const logged: string[] = [];
  const run = queueFunction({
    consume: (messages) => eachMessage(messages, ({ body }) => handle(body)),
    log: {
      info: (message) => void logged.push(`info ${message}`),
      warn: (message) => void logged.push(`warn ${message}`),
      error: (message) => void logged.push(`error ${message}`),
      count: () => undefined,
    },
  });
  const Records = ['good', 'bad', 'early', 'fine'].map((body) => ({ messageId: `id-${body}`, body }));
  return { logged, answer: run({ Records } as unknown as SQSEvent, {} as Context) };
}

test('of a batch only what failed comes again, and what is only too early raises no alarm', async () => {
  const { answer, logged } = deliver(async (body) => {
    if (body === 'bad') throw new Error('no such customer');
    if (body === 'early') throw new TryAgainLater();
  });
  expect(await answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'id-bad' }, { itemIdentifier: 'id-early' }] });
  expect(logged).toEqual(['error message failed', 'info message comes again later']);
});

test('a handler that throws before it waits fails its message alone', async () => {
  const { answer } = deliver((body) => {
    if (body === 'bad') throw new SyntaxError('not JSON');
    return Promise.resolve();
  });
  expect(await answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'id-bad' }] });
});
