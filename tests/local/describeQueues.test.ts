import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeQueues } from '../../local/messaging/describeQueues.ts';
import type { QueueContent } from '../../local/messaging/startMessaging.ts';
import { fakeDeployment, fakeResource, queueArn, temporaryDirectory } from './events-support.ts';

const logDirectory = temporaryDirectory();
const deployment = fakeDeployment([
  fakeResource('Mapping', 'AWS::Lambda::EventSourceMapping', { EventSourceArn: queueArn('due') }),
]);

function queue(name: string, messages: Partial<QueueContent['visible'][number]>[], more: Partial<QueueContent> = {}) {
  const visible = messages.map((message, index) => ({
    messageId: `${name}-${index}`,
    body: '{}',
    md5OfBody: '',
    messageAttributes: {},
    md5OfMessageAttributes: '',
    sentTimestamp: Date.parse('2026-03-02T09:00:00Z'),
    approximateReceiveCount: 6,
    ...message,
  }));
  return { name, arn: queueArn(name), deadLetterArn: undefined, visible, delayed: 0, inFlight: [], ...more };
}

const describe = (...queues: QueueContent[]) =>
  describeQueues({ messaging: { queues: () => queues }, deployment, logDirectory });

test('a queue shows what waits and, beside it, its dead letters with what its function logged', () => {
  const line = (messageId: string, name: string) =>
    JSON.stringify({ service: 'send-message', message: 'message failed', facts: { messageId }, fault: { name } });
  writeFileSync(join(logDirectory, 'send-message.log'), `${line('dead-0', 'Error')}\n${line('dead-0', 'ZodError')}\n`);
  const dead = queue('dead', [{ body: '{"no":"command"}' }, {}]);
  const due = queue('due', [{}], { deadLetterArn: queueArn('dead'), delayed: 2 });
  const letter = { sentAt: '2026-03-02T09:00:00.000Z', receives: 6 };
  expect(describe(dead, due)).toEqual([
    {
      name: 'due',
      visible: 1,
      delayed: 2,
      inFlight: 0,
      deadLetters: [
        { ...letter, messageId: 'dead-0', reason: 'send-message: message failed: ZodError', body: '{"no":"command"}' },
        {
          ...letter,
          messageId: 'dead-1',
          reason: 'received too often; the log of its function may say why',
          body: '{}',
        },
      ],
    },
  ]);
});

test('what nobody consumes is dead as well, and says itself why', () => {
  const givenUp = {
    requestContext: {
      functionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:practice-project-timeline',
      condition: 'RetryAttemptsExhausted',
      approximateInvokeCount: 11,
    },
    DDBStreamBatchInfo: { startSequenceNumber: '17', endSequenceNumber: '18' },
  };
  const undelivered = { ERROR_MESSAGE: { DataType: 'String', StringValue: 'no target' } };
  const [described] = describe(
    queue('failures', [{ body: JSON.stringify(givenUp) }, { messageAttributes: undelivered }]),
  );
  expect(described?.deadLetters.map(({ reason }) => reason)).toEqual([
    'practice-project-timeline: RetryAttemptsExhausted after 11 tries: stream records 17 to 18',
    'no target',
  ]);
});
