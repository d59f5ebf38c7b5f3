/** The rule by which SES keeps mail of one domain and tells about it. */
export interface ReceiptRule {
  /** Ours alone: nobody else names a rule or a rule set so. */
  name: string;
  domain: string;
  bucket: string;
  objectKeyPrefix: string;
  topicArn: string;
}

/** A rule set by its name and the names of its rules in their order. */
export interface RuleSet {
  name: string;
  rules: string[];
}

/** The receipt rule sets of an account in one region. At most one of them is active. */
export interface ReceiptRules {
  active(): Promise<RuleSet | undefined>;
  /** Undefined where there is no such rule set. */
  ruleSet(name: string): Promise<RuleSet | undefined>;
  createRuleSet(name: string): Promise<void>;
  deleteRuleSet(name: string): Promise<void>;
  /** Makes this rule set the active one; without a name none is. */
  activate(name: string | undefined): Promise<void>;
  /** Puts the rule before all others of the set. */
  createRule(ruleSet: string, rule: ReceiptRule): Promise<void>;
  /** The rule keeps its place. */
  updateRule(ruleSet: string, rule: ReceiptRule): Promise<void>;
  deleteRule(ruleSet: string, name: string): Promise<void>;
}
