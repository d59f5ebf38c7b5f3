import {
  CreateReceiptRuleCommand,
  CreateReceiptRuleSetCommand,
  DeleteReceiptRuleCommand,
  DeleteReceiptRuleSetCommand,
  DescribeActiveReceiptRuleSetCommand,
  DescribeReceiptRuleSetCommand,
  type DescribeReceiptRuleSetCommandOutput,
  RuleSetDoesNotExistException,
  type SESClient,
  SetActiveReceiptRuleSetCommand,
  UpdateReceiptRuleCommand,
} from '@aws-sdk/client-ses';
import type { ReceiptRule, ReceiptRules, RuleSet } from './receiptRules.ts';

/** The receipt rule sets as SES keeps them. */
export function createReceiptRulesStore(client: SESClient): ReceiptRules {
  return {
    active: async () => ruleSetOf(await client.send(new DescribeActiveReceiptRuleSetCommand({}))),
    ruleSet: async (name) => {
      try {
        return ruleSetOf(await client.send(new DescribeReceiptRuleSetCommand({ RuleSetName: name })));
      } catch (error) {
        if (error instanceof RuleSetDoesNotExistException) return undefined;
        throw error;
      }
    },
    createRuleSet: async (name) => {
      await client.send(new CreateReceiptRuleSetCommand({ RuleSetName: name }));
    },
    deleteRuleSet: async (name) => {
      await client.send(new DeleteReceiptRuleSetCommand({ RuleSetName: name }));
    },
    activate: async (name) => {
      await client.send(new SetActiveReceiptRuleSetCommand(name === undefined ? {} : { RuleSetName: name }));
    },
    // Without `After` a rule comes first: none that stops can hide ours, and ours stops none.
    createRule: async (ruleSet, rule) => {
      await client.send(new CreateReceiptRuleCommand({ RuleSetName: ruleSet, Rule: asSesRule(rule) }));
    },
    updateRule: async (ruleSet, rule) => {
      await client.send(new UpdateReceiptRuleCommand({ RuleSetName: ruleSet, Rule: asSesRule(rule) }));
    },
    deleteRule: async (ruleSet, name) => {
      await client.send(new DeleteReceiptRuleCommand({ RuleSetName: ruleSet, RuleName: name }));
    },
  };
}

function ruleSetOf({ Metadata, Rules = [] }: DescribeReceiptRuleSetCommandOutput): RuleSet | undefined {
  const name = Metadata?.Name;
  return name === undefined ? undefined : { name, rules: Rules.flatMap(({ Name }) => Name ?? []) };
}

function asSesRule({ bucket, domain, name, objectKeyPrefix, topicArn }: ReceiptRule) {
  return {
    Name: name,
    Enabled: true,
    ScanEnabled: true,
    Recipients: [domain],
    Actions: [{ S3Action: { BucketName: bucket, ObjectKeyPrefix: objectKeyPrefix, TopicArn: topicArn } }],
  };
}
