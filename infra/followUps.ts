import { CfnParameter, Duration, Fn, Stack } from 'aws-cdk-lib';
import { EventBus, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
  SuppressionReasons,
} from 'aws-cdk-lib/aws-ses';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { MailDns, mailFromLabel } from './mailDns.ts';
import type { Parameters } from './parameters.ts';
import { ThroughlineFunction } from './throughlineFunction.ts';
import type { TimelineTable } from './timelineTable.ts';
import { createWorkQueue, feedFromQueue } from './workQueue.ts';

export interface FollowUpsProps {
  bundlesDir: string;
  timeline: TimelineTable;
  parameters: Parameters;
}

/**
 * Follow-ups from the queue to the mailbox and their results back: due ones wait in a queue, SES sends them, and what
 * becomes of them comes back over the default event bus, the only one that SES publishes to.
 */
export class FollowUps extends Construct {
  /** Sends what is due. It must be told the public URL, which its mails' links begin with. */
  readonly sendMessage: ThroughlineFunction;
  /** Serves the links by which recipients object. */
  readonly managePreferences: ThroughlineFunction;
  /** What is due waits here to be sent. */
  readonly queue: Queue;

  constructor(scope: Construct, id: string, { bundlesDir, parameters, timeline }: FollowUpsProps) {
    super(scope, id);
    const { companyName, companyTimeZone, senderAddress } = createParameters(this);
    const senderDomain = Fn.select(1, Fn.split('@', senderAddress));
    // The parameter of inbound mail: answers go there.
    const mailDomain = Fn.ref('MailDomain');
    const identity = new EmailIdentity(this, 'Identity', {
      identity: Identity.domain(senderDomain),
      mailFromDomain: `${mailFromLabel}.${senderDomain}`,
    });
    new MailDns(this, 'Dns', { sender: identity, senderDomain, mailDomain });
    const configurationSet = new ConfigurationSet(this, 'Sending', {
      tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
      // Beside our own, which knows the purposes: this one also protects what others send from the account.
      suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
    });

    const sendMessage = new ThroughlineFunction(this, {
      name: 'send-message',
      description: 'Claims and sends due follow-ups, or records why not',
      bundlesDir,
      memoryMegabytes: 512,
      timeoutSeconds: 25,
    });
    this.sendMessage = sendMessage;
    timeline.allow(sendMessage, ['BatchGetItem', 'GetItem', 'PutItem', 'Query']);
    parameters.allowRead(sendMessage);
    sendMessage.allow(
      new PolicyStatement({
        actions: ['ses:SendRawEmail'],
        resources: [identity.emailIdentityArn, configurationSetArn(this, configurationSet)],
        conditions: { StringEquals: { 'ses:FromAddress': senderAddress } },
      }),
    );
    const { function: sender } = sendMessage;
    sender.addEnvironment('SENDER_ADDRESS', senderAddress);
    sender.addEnvironment('CONFIGURATION_SET', configurationSet.configurationSetName);
    sender.addEnvironment('COMPANY_NAME', companyName);
    sender.addEnvironment('COMPANY_TIME_ZONE', companyTimeZone);
    sender.addEnvironment('MAIL_DOMAIN', mailDomain);
    // An address is waited for for 10 minutes, a claim that stays unproven is looked at again after 15 and once more
    // after 15: it must still come back then.
    this.queue = createWorkQueue(this, 'Due', { visibilityTimeout: Duration.minutes(3), maxReceiveCount: 20 });
    feedFromQueue(sendMessage, this.queue, { batchSize: 5, maxConcurrency: 2 });

    const receiveDeliveryEvent = new ThroughlineFunction(this, {
      name: 'receive-delivery-event',
      description: 'Takes in what became of sent mails',
      bundlesDir,
      memoryMegabytes: 256,
      timeoutSeconds: 20,
    });
    timeline.allow(receiveDeliveryEvent, ['GetItem', 'PutItem']);
    parameters.allowRead(receiveDeliveryEvent);
    const events = createWorkQueue(this, 'Events', { visibilityTimeout: Duration.minutes(2), maxReceiveCount: 5 });
    feedFromQueue(receiveDeliveryEvent, events, { batchSize: 10, maxConcurrency: 2 });
    configurationSet.addEventDestination('Bus', {
      destination: EventDestination.eventBus(EventBus.fromEventBusName(this, 'DefaultBus', 'default')),
      events: published,
    });
    new Rule(this, 'Published', {
      description: 'What SES says about our mails',
      eventPattern: {
        source: ['aws.ses'],
        detail: { mail: { tags: { 'ses:configuration-set': [configurationSet.configurationSetName] } } },
      },
      targets: [new SqsQueue(events)],
    });

    this.managePreferences = new ThroughlineFunction(this, {
      name: 'manage-preferences',
      description: 'Serves the links by which recipients of mails object',
      bundlesDir,
      memoryMegabytes: 256,
      timeoutSeconds: 10,
    });
    timeline.allow(this.managePreferences, ['GetItem', 'PutItem']);
    parameters.allowRead(this.managePreferences);
    this.managePreferences.function.addEnvironment('COMPANY_NAME', companyName);
  }

  /** Allows putting due follow-ups into the queue, and tells the function where it is. */
  allowEnqueue(target: ThroughlineFunction): void {
    target.allow(new PolicyStatement({ actions: ['sqs:SendMessage'], resources: [this.queue.queueArn] }));
    target.function.addEnvironment('FOLLOW_UP_QUEUE_URL', this.queue.queueUrl);
  }
}

const published = [
  EmailSendingEvent.SEND,
  EmailSendingEvent.DELIVERY,
  EmailSendingEvent.BOUNCE,
  EmailSendingEvent.COMPLAINT,
  EmailSendingEvent.REJECT,
  EmailSendingEvent.DELIVERY_DELAY,
];

/** Who sends: of the deployment, not of the code. */
function createParameters(scope: Construct) {
  const parameter = (name: string, props: { default: string; description: string; allowedPattern?: string }) => {
    const created = new CfnParameter(scope, name, { type: 'String', ...props });
    created.overrideLogicalId(name);
    return created.valueAsString;
  };
  return {
    senderAddress: parameter('SenderAddress', {
      default: 'praxis@lindenhof.example',
      allowedPattern: '[^@\\s]+@[^@\\s]+[.][^@\\s]+',
      description: 'The address from which mails are sent; its domain is verified with SES',
    }),
    companyName: parameter('CompanyName', {
      default: 'Tierarztpraxis Lindenhof',
      description: 'In whose name mails are sent',
    }),
    companyTimeZone: parameter('CompanyTimeZone', {
      default: 'Europe/Berlin',
      description: "The company's IANA time zone, for customers whose own is not known",
    }),
  };
}

function configurationSetArn(scope: Construct, { configurationSetName }: ConfigurationSet): string {
  return Stack.of(scope).formatArn({
    service: 'ses',
    resource: 'configuration-set',
    resourceName: configurationSetName,
  });
}
