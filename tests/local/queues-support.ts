import { createClock } from '../../local/clock/createClock.ts';
import { type Messaging, startMessaging } from '../../local/messaging/startMessaging.ts';

export const topicArn = 'arn:aws:sns:eu-central-1:000000000000:received';

/** The services with what a template would declare: a queue with dead letters after two receives, fed by a topic. */
export async function startQueues(dataDir: string, clock = createClock()): Promise<Messaging> {
  const messaging = await startMessaging({ dataDir, clock });
  const arnOf = (name: string) => `arn:aws:sqs:eu-central-1:000000000000:${name}`;
  messaging.createQueue('dead', {});
  messaging.createQueue('due', {
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arnOf('dead'), maxReceiveCount: 2 }),
  });
  messaging.createTopic('received', {});
  messaging.subscribe(topicArn, 'sqs', arnOf('due'), { RawMessageDelivery: 'true' });
  return messaging;
}
