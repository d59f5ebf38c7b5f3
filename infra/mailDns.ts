import { Aws, CfnCondition, CfnParameter, Fn } from 'aws-cdk-lib';
import { CfnRecordSet } from 'aws-cdk-lib/aws-route53';
import { CfnEmailIdentity, EmailIdentity, Identity } from 'aws-cdk-lib/aws-ses';
import { Construct } from 'constructs';

/** Below the sender's domain: bounces come back to it, so that SPF speaks for the sender's own domain. */
export const mailFromLabel = 'bounce';

export interface MailDnsProps {
  /** The verified domain of the sender's address, with its MAIL FROM domain. */
  sender: EmailIdentity;
  senderDomain: string;
  /** The domain whose mail is received. */
  mailDomain: string;
}

/**
 * What DNS must say for mail: DKIM and MAIL FROM of the sender's domain, MX and proof of ownership of the receiving one.
 * With a hosted zone the records are made there, else `npm run deploy` prints them. DMARC stays with the domain's owner:
 * it speaks for everybody who sends in the domain's name.
 */
export class MailDns extends Construct {
  constructor(scope: Construct, id: string, { mailDomain, sender, senderDomain }: MailDnsProps) {
    super(scope, id);
    const zone = new CfnParameter(this, 'HostedZone', {
      type: 'String',
      default: '',
      allowedPattern: '[A-Z0-9]*',
      description: 'Id of the Route 53 hosted zone that receives the DNS records of mail; empty: enter them yourself',
    });
    zone.overrideLogicalId('HostedZoneId');
    const hasZone = new CfnCondition(this, 'HasZone', {
      expression: Fn.conditionNot(Fn.conditionEquals(zone.valueAsString, '')),
    });
    // SES receives for verified domains only; where both are one, the sender's identity has verified it.
    const isSeparate = new CfnCondition(this, 'IsSeparate', {
      expression: Fn.conditionNot(Fn.conditionEquals(mailDomain, senderDomain)),
    });
    const hasZoneAndIsSeparate = new CfnCondition(this, 'HasZoneAndIsSeparate', {
      expression: Fn.conditionAnd(hasZone, isSeparate),
    });
    const receiver = new EmailIdentity(this, 'Receiver', { identity: Identity.domain(mailDomain) });
    underCondition(receiver.node.defaultChild, isSeparate);

    const record = (name: string, condition: CfnCondition, props: { name: string; type: string; value: string }) => {
      const { name: recordName, type, value } = props;
      const created = new CfnRecordSet(this, name, {
        hostedZoneId: zone.valueAsString,
        name: recordName,
        type,
        ttl: '1800',
        resourceRecords: [value],
      });
      created.cfnOptions.condition = condition;
    };
    for (const [index, { name, value }] of sender.dkimRecords.entries()) {
      record(`SenderDkim${index + 1}`, hasZone, { name, type: 'CNAME', value });
    }
    for (const [index, { name, value }] of receiver.dkimRecords.entries()) {
      record(`ReceiverDkim${index + 1}`, hasZoneAndIsSeparate, { name, type: 'CNAME', value });
    }
    const mailFrom = `${mailFromLabel}.${senderDomain}`;
    const bounces = `10 feedback-smtp.${Aws.REGION}.amazonses.com`;
    record('MailFromMx', hasZone, { name: mailFrom, type: 'MX', value: bounces });
    record('MailFromSpf', hasZone, { name: mailFrom, type: 'TXT', value: '"v=spf1 include:amazonses.com ~all"' });
    const inbound = `10 inbound-smtp.${Aws.REGION}.amazonaws.com`;
    record('InboundMx', hasZone, { name: mailDomain, type: 'MX', value: inbound });
  }
}

function underCondition(resource: unknown, condition: CfnCondition): void {
  if (!(resource instanceof CfnEmailIdentity)) throw new Error('The receiving domain is no AWS::SES::EmailIdentity.');
  resource.cfnOptions.condition = condition;
}
