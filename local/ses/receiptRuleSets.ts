import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { SesError, type XmlValue } from './queryProtocol.ts';

/** One rule as SES takes it, as far as functions use it. */
export interface StoredRule {
  name: string;
  enabled: boolean;
  scans: boolean;
  recipients: string[];
  bucket: string;
  prefix: string;
  topicArn: string;
}

interface Stored {
  active?: string;
  sets: Record<string, StoredRule[]>;
}

export interface ReceiptRuleSets {
  /** The rules that mail goes through, in their order. */
  activeRules(): StoredRule[];
  /** The query API's operations. */
  operations: Record<string, (parameters: URLSearchParams) => Promise<Record<string, XmlValue>>>;
}

/** The account's receipt rule sets, kept in one file. */
export function openReceiptRuleSets(file: string): ReceiptRuleSets {
  const stored: Stored = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Stored) : { sets: {} };
  const setNamed = (name: string): StoredRule[] => {
    const rules = stored.sets[name];
    if (!rules) throw new SesError('RuleSetDoesNotExist', `Rule set does not exist: ${name}`);
    return rules;
  };
  const described = (name: string) => ({
    Metadata: { Name: name, CreatedTimestamp: '2026-01-01T00:00:00.000Z' },
    Rules: setNamed(name).map(asXml),
  });
  const indexIn = (rules: StoredRule[], name: string): number => {
    const index = rules.findIndex((rule) => rule.name === name);
    if (index < 0) throw new SesError('RuleDoesNotExist', `Rule does not exist: ${name}`);
    return index;
  };
  const given = (parameters: URLSearchParams, name: string) => parameters.get(name) ?? '';

  const reading: ReceiptRuleSets['operations'] = {
    DescribeActiveReceiptRuleSet: async () => (stored.active === undefined ? {} : described(stored.active)),
    DescribeReceiptRuleSet: async (parameters) => described(given(parameters, 'RuleSetName')),
  };
  const changing: Record<string, (parameters: URLSearchParams) => void> = {
    CreateReceiptRuleSet: (parameters) => {
      const name = given(parameters, 'RuleSetName');
      if (stored.sets[name]) throw new SesError('AlreadyExists', `Rule set already exists: ${name}`);
      stored.sets[name] = [];
    },
    DeleteReceiptRuleSet: (parameters) => {
      const name = given(parameters, 'RuleSetName');
      if (stored.active === name) throw new SesError('CannotDelete', `Cannot delete active rule set: ${name}`);
      delete stored.sets[name];
    },
    SetActiveReceiptRuleSet: (parameters) => {
      const name = parameters.get('RuleSetName');
      if (name === null) delete stored.active;
      else {
        setNamed(name);
        stored.active = name;
      }
    },
    CreateReceiptRule: (parameters) => {
      const rules = setNamed(given(parameters, 'RuleSetName'));
      const rule = readRule(parameters);
      if (rules.some(({ name }) => name === rule.name)) {
        throw new SesError('AlreadyExists', `Rule already exists: ${rule.name}`);
      }
      const after = parameters.get('After');
      rules.splice(after === null ? 0 : indexIn(rules, after) + 1, 0, rule);
    },
    UpdateReceiptRule: (parameters) => {
      const rules = setNamed(given(parameters, 'RuleSetName'));
      const rule = readRule(parameters);
      rules[indexIn(rules, rule.name)] = rule;
    },
    DeleteReceiptRule: (parameters) => {
      const rules = setNamed(given(parameters, 'RuleSetName'));
      rules.splice(indexIn(rules, given(parameters, 'RuleName')), 1);
    },
  };
  const saved = Object.entries(changing).map(([name, change]): [string, ReceiptRuleSets['operations'][string]] => [
    name,
    async (parameters) => {
      change(parameters);
      writeFileSync(`${file}.new`, JSON.stringify(stored));
      renameSync(`${file}.new`, file);
      return {};
    },
  ]);
  return {
    activeRules: () => (stored.active === undefined ? [] : setNamed(stored.active)),
    operations: { ...reading, ...Object.fromEntries(saved) },
  };
}

function readRule(parameters: URLSearchParams): StoredRule {
  const given = (name: string) => parameters.get(`Rule.${name}`) ?? '';
  const action = (name: string) => given(`Actions.member.1.S3Action.${name}`);
  const recipients = [...parameters].filter(([key]) => key.startsWith('Rule.Recipients.member.'));
  return {
    name: given('Name'),
    enabled: given('Enabled') === 'true',
    scans: given('ScanEnabled') === 'true',
    recipients: recipients.map(([, recipient]) => recipient),
    bucket: action('BucketName'),
    prefix: action('ObjectKeyPrefix'),
    topicArn: action('TopicArn'),
  };
}

function asXml({ bucket, enabled, name, prefix, recipients, scans, topicArn }: StoredRule): XmlValue {
  return {
    Name: name,
    Enabled: String(enabled),
    ScanEnabled: String(scans),
    Recipients: recipients,
    Actions: [{ S3Action: { BucketName: bucket, ObjectKeyPrefix: prefix, TopicArn: topicArn } }],
  };
}
