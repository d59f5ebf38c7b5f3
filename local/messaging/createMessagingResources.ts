import type { DeployedResource, Deployment, LocalLog } from '../ports.ts';
import type { Messaging } from './startMessaging.ts';

/** Creates the stack's queues, topics, subscriptions and buckets. */
export function createMessagingResources(messaging: Messaging, deployment: Deployment, log: LocalLog): void {
  for (const { properties, attributes } of deployment.ofType('AWS::SQS::Queue')) {
    messaging.createQueue(attributes.QueueName ?? '', asAttributes(properties, queueAttributes));
  }
  for (const { properties, attributes } of deployment.ofType('AWS::SNS::Topic')) {
    messaging.createTopic(attributes.TopicName ?? '', asAttributes(properties, topicAttributes));
  }
  for (const { physicalId } of deployment.ofType('AWS::S3::Bucket')) messaging.createBucket(physicalId);
  for (const subscription of deployment.ofType('AWS::SNS::Subscription')) subscribe(messaging, subscription, log);
}

const queueAttributes = [
  'ContentBasedDeduplication',
  'DelaySeconds',
  'FifoQueue',
  'MaximumMessageSize',
  'MessageRetentionPeriod',
  'ReceiveMessageWaitTimeSeconds',
  'RedriveAllowPolicy',
  'RedrivePolicy',
  'VisibilityTimeout',
];
const topicAttributes = ['ContentBasedDeduplication', 'DisplayName', 'FifoTopic'];
const subscriptionAttributes = ['FilterPolicy', 'FilterPolicyScope', 'RawMessageDelivery', 'RedrivePolicy'];

function subscribe(messaging: Messaging, { logicalId, properties }: DeployedResource, log: LocalLog): void {
  const { TopicArn, Protocol, Endpoint } = properties as { TopicArn: string; Protocol: string; Endpoint: string };
  if (Protocol === 'sqs') {
    messaging.subscribe(TopicArn, Protocol, Endpoint, asAttributes(properties, subscriptionAttributes));
  } else {
    log(`${logicalId}: subscriptions by ${Protocol} are not emulated.`);
  }
}

/** The services' own protocols carry every attribute as text. */
function asAttributes(properties: Record<string, unknown>, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = properties[name];
      if (value === undefined) return [];
      return [[name, typeof value === 'object' ? JSON.stringify(value) : String(value)]];
    }),
  );
}
