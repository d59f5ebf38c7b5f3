import { SQSClient } from '@aws-sdk/client-sqs';
import { afterEach, expect, test, vi } from 'vitest';
import { createFollowUpQueueStore } from '../../shared/follow-up/followUpQueueStore.ts';

afterEach(() => vi.unstubAllEnvs());

const trace = 'Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=1';

/** The headers of the request by which a follow-up is put into the queue. */
async function headersOfEnqueueing(): Promise<Record<string, string>> {
  const requests: { headers: Record<string, string> }[] = [];
  const client = new SQSClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    requestHandler: {
      handle: async (request: { headers: Record<string, string> }) => {
        requests.push(request);
        throw new Error('nobody listens');
      },
    },
    maxAttempts: 1,
  });
  const queue = createFollowUpQueueStore(client, 'https://sqs.eu-central-1.amazonaws.com/1/due');
  await expect(queue.enqueue([{ command: { answer: 'leaf' } }])).rejects.toThrow('nobody listens');
  return Object.fromEntries(
    Object.entries(requests[0]?.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

test('what a traced function puts into the queue carries its trace, which SQS hands on', async () => {
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', 'Throughline-decide-follow-ups');
  vi.stubEnv('_X_AMZN_TRACE_ID', trace);
  expect(await headersOfEnqueueing()).toMatchObject({ 'x-amzn-trace-id': trace });
});

test('outside of a function there is none', async () => {
  vi.stubEnv('AWS_LAMBDA_FUNCTION_NAME', undefined);
  expect(await headersOfEnqueueing()).not.toHaveProperty('x-amzn-trace-id');
});
