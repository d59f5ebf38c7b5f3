import { describe, expect, it } from 'vitest';
import { ofType, synthesizedResources } from './synthesized.ts';

const resources = synthesizedResources();

/** What a message of the queue waits at most before it is a dead letter, while its function runs: in seconds. */
function longestLifeOf(queueId: string, delaySeconds: number): number {
  const { RedrivePolicy, VisibilityTimeout } = (resources[queueId]?.Properties ?? {}) as {
    RedrivePolicy: { maxReceiveCount: number };
    VisibilityTimeout: number;
  };
  return delaySeconds + RedrivePolicy.maxReceiveCount * VisibilityTimeout;
}

describe('an alarm over what waits', () => {
  it.each([
    ['MailsInWait', /^InboundMailQueue/, 0],
    // What is due is put in up to 15 minutes before.
    ['SendsWait', /^FollowUpsDue(?!Dead)/, 15 * 60],
  ])('%s is raised by a function that does not run, and not by a message that fails', (name, queue, delaySeconds) => {
    const [alarm] = ofType(resources, 'AWS::CloudWatch::Alarm').filter(([id]) => id.includes(name));
    const [queueId = ''] = ofType(resources, 'AWS::SQS::Queue').flatMap(([id]) => (queue.test(id) ? [id] : []));
    expect(alarm?.[1].Properties).toMatchObject({
      MetricName: 'ApproximateAgeOfOldestMessage',
      Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [queueId, 'QueueName'] } }],
      Statistic: 'Maximum',
    });
    expect(alarm?.[1].Properties.Threshold).toBeGreaterThan(longestLifeOf(queueId, delaySeconds));
  });
});
