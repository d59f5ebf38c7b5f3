import type { ReceiptRuleSets } from './receiptRuleSets.ts';

/** What the account's rules say about mail that comes in: where it is kept and who is told. */
export interface ReceiptRule {
  /** The first of its recipients, a domain. */
  domain: string;
  scans: boolean;
  bucket: string;
  prefix: string;
  topicArn: string;
}

/** The first enabled rule of the active set that keeps mails in a bucket and tells a topic. */
export function activeReceiptRule({ activeRules }: Pick<ReceiptRuleSets, 'activeRules'>): ReceiptRule | undefined {
  const rule = activeRules().find(({ bucket, enabled, topicArn }) => enabled && bucket !== '' && topicArn !== '');
  return rule && { ...rule, domain: rule.recipients[0] ?? '' };
}
