import * as z from 'zod';
import { type CustomResourceRequest, halfCreated } from '../../shared/platform/customResource.ts';
import { installReceiptRule, removeReceiptRule } from '../../shared/receipt/installReceiptRule.ts';
import type { RulePlace } from '../../shared/receipt/planReceiptRule.ts';
import type { ReceiptRules } from '../../shared/receipt/receiptRules.ts';

const propertiesSchema = z.object({
  RuleName: z.string().regex(/^[\w-]{1,64}$/),
  Domain: z.string().min(1),
  BucketName: z.string().min(1),
  ObjectKeyPrefix: z.string(),
  TopicArn: z.string().min(1),
});

/**
 * The receipt rule as a custom resource. Its physical id says where the rule lies, `rule set/rule`: once another set is
 * the active one, the next update puts the rule there and CloudFormation has the former one deleted.
 */
export function createInstallReceiptRule(rules: ReceiptRules): (request: CustomResourceRequest) => Promise<string> {
  return async (request) => {
    if (request.kind === 'delete') {
      for (const place of await placesOf(rules, request)) await removeReceiptRule(rules, place);
      return request.physicalId;
    }
    const { BucketName, Domain, ObjectKeyPrefix, RuleName, TopicArn } = propertiesSchema.parse(request.properties);
    const { rule, ruleSet } = await installReceiptRule(rules, {
      name: RuleName,
      domain: Domain,
      bucket: BucketName,
      objectKeyPrefix: ObjectKeyPrefix,
      topicArn: TopicArn,
    });
    return `${ruleSet}/${rule}`;
  };
}

/** Where the rule was put; after a creation that failed, wherever it may have been. */
async function placesOf(
  rules: ReceiptRules,
  { physicalId, properties }: CustomResourceRequest & { kind: 'delete' },
): Promise<RulePlace[]> {
  if (physicalId !== halfCreated) {
    const [ruleSet = '', rule = ''] = physicalId.split('/');
    return [{ ruleSet, rule }];
  }
  // Properties that name no rule were refused before anything was created.
  const { data } = propertiesSchema.safeParse(properties);
  if (data === undefined) return [];
  const active = await rules.active();
  return [active?.name ?? [], data.RuleName].flat().map((ruleSet) => ({ ruleSet, rule: data.RuleName }));
}
