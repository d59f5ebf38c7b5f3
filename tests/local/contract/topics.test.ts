import {
  CreateTopicCommand,
  DeleteTopicCommand,
  PublishCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns';
import { ReceiveMessageCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect, onTestFinished } from 'vitest';
import { waitFor } from '../../support/platform.ts';
import { contract } from './contract.ts';
import { isGiven, startContractQueues, uniqueName } from './endpoints.ts';

const { sqs, createQueue, settings } = await startContractQueues();
const sns = new SNSClient(isGiven('SNS') ? {} : settings);
const guide = 'https://docs.aws.amazon.com/sns/latest/dg';

/** It is deleted after the test. */
async function createTopic() {
  const topic = await sns.send(new CreateTopicCommand({ Name: uniqueName() }));
  onTestFinished(async () => {
    await sns.send(new DeleteTopicCommand({ TopicArn: topic.TopicArn }));
  });
  return topic;
}

/** What a queue receives of a topic that a message is published to. */
async function received(Message: string, Attributes: Record<string, string> = {}): Promise<string> {
  const { TopicArn } = await createTopic();
  const { url, arn } = await createQueue();
  const Policy = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: arn,
        Condition: { ArnEquals: { 'aws:SourceArn': TopicArn } },
      },
    ],
  });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { Policy } }));
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint: arn, Attributes }));
  await sns.send(new PublishCommand({ TopicArn, Subject: 'a mail came', Message }));
  return waitFor(async () => {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 1 }));
    return Messages?.[0]?.Body;
  }, 30_000);
}

contract('topics', [
  {
    behaviour: 'a queue receives a message as it was published where its subscription asks for raw delivery',
    source: `${guide}/sns-large-payload-raw-message-delivery.html`,
    test: async () => {
      expect(await received('{"mail":"1"}', { RawMessageDelivery: 'true' })).toBe('{"mail":"1"}');
    },
  },
  {
    behaviour: 'otherwise a queue receives it in an envelope of JSON',
    source: `${guide}/sns-message-and-json-formats.html`,
    test: async () => {
      expect(JSON.parse(await received('{"mail":"2"}'))).toMatchObject({
        Type: 'Notification',
        MessageId: expect.any(String),
        TopicArn: expect.stringContaining('throughline-contract-'),
        Subject: 'a mail came',
        Message: '{"mail":"2"}',
        Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      });
    },
  },
  {
    behaviour: 'a message has at most 256 KB',
    source: 'https://docs.aws.amazon.com/sns/latest/api/API_Publish.html',
    test: async () => {
      const { TopicArn } = await createTopic();
      await sns.send(new PublishCommand({ TopicArn, Message: 'x'.repeat(256 * 1024) }));
      const large = sns.send(new PublishCommand({ TopicArn, Message: 'x'.repeat(256 * 1024 + 1) }));
      await expect(large).rejects.toThrow(/Message too long/);
    },
  },
]);
