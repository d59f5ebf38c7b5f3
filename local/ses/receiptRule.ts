import { asList, asRecord, asText } from '../events/json.ts';
import type { Deployment } from '../ports.ts';

/** What the template says about mail that comes in: where it is kept and who is told. */
export interface ReceiptRule {
  /** The first of its recipients, a domain. */
  domain: string;
  scans: boolean;
  bucket: string;
  prefix: string;
  topicArn: string;
}

/** The first enabled rule that keeps mails in a bucket and tells a topic; undefined where the stack receives none. */
export function readReceiptRule(deployment: Deployment): ReceiptRule | undefined {
  for (const { properties } of deployment.ofType('AWS::SES::ReceiptRule')) {
    const { Actions, Enabled, Recipients, ScanEnabled } = asRecord(properties.Rule);
    for (const action of asList(Actions)) {
      const { BucketName, ObjectKeyPrefix, TopicArn } = asRecord(asRecord(action).S3Action);
      const [domain] = asList(Recipients);
      const [bucket, topicArn] = [asText(BucketName), asText(TopicArn)];
      if (Enabled === false || bucket === undefined || topicArn === undefined) continue;
      return {
        domain: String(domain ?? ''),
        scans: ScanEnabled === true,
        bucket,
        prefix: asText(ObjectKeyPrefix) ?? '',
        topicArn,
      };
    }
  }
  return undefined;
}
