import { Aws, CustomResource, Duration, Fn } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ThroughlineFunction } from './throughlineFunction.ts';

export interface InstalledReceiptRuleProps {
  bundlesDir: string;
  /** The domain whose mail the rule takes. */
  domain: string;
  /** Where originals go, and who is told; SES must be allowed to use both. */
  bucketName: string;
  objectKeyPrefix: string;
  topicArn: string;
}

/**
 * The receipt rule in the account's active rule set. An account has one active set in a region, others may have put
 * theirs there, and CloudFormation can neither ask for it nor activate one: a function does, each time the rule changes.
 */
export class InstalledReceiptRule extends Construct {
  constructor(scope: Construct, id: string, { bundlesDir, ...rule }: InstalledReceiptRuleProps) {
    super(scope, id);
    const installReceiptRule = new ThroughlineFunction(this, {
      name: 'install-receipt-rule',
      description: 'Puts the receipt rule into the active rule set, and takes it away again',
      bundlesDir,
      memoryMegabytes: 256,
      timeoutSeconds: 60,
    });
    installReceiptRule.allow(
      new PolicyStatement({
        actions: [
          'ses:CreateReceiptRule',
          'ses:CreateReceiptRuleSet',
          'ses:DeleteReceiptRule',
          'ses:DeleteReceiptRuleSet',
          'ses:DescribeActiveReceiptRuleSet',
          'ses:DescribeReceiptRuleSet',
          'ses:SetActiveReceiptRuleSet',
          'ses:UpdateReceiptRule',
        ],
        resources: ['*'],
      }),
      "IAM knows no resources for these; the function touches what bears this stack's own name.",
    );
    const resource = new CustomResource(this, 'Rule', {
      resourceType: 'Custom::ReceiptRule',
      serviceToken: installReceiptRule.function.functionArn,
      // A function that cannot even answer costs minutes, not CloudFormation's hour.
      serviceTimeout: Duration.minutes(5),
      properties: {
        // The stack's own number: a name that no other rule of the account has.
        RuleName: Fn.join('-', ['throughline', Fn.select(2, Fn.split('/', Aws.STACK_ID))]),
        Domain: rule.domain,
        BucketName: rule.bucketName,
        ObjectKeyPrefix: rule.objectKeyPrefix,
        TopicArn: rule.topicArn,
      },
    });
    resource.node.addDependency(installReceiptRule);
  }
}
