import type { RuleSet } from './receiptRules.ts';

export interface InstallStep {
  step: 'create-rule-set' | 'create-rule' | 'update-rule' | 'activate';
  ruleSet: string;
}

export interface RemovalStep {
  step: 'delete-rule' | 'deactivate' | 'delete-rule-set';
  ruleSet: string;
}

/** Where a rule lies: the set's name, and the rule's. */
export interface RulePlace {
  ruleSet: string;
  rule: string;
}

/**
 * The steps that put our rule where mail comes by, and where that is: the active rule set, whoever made it; a set of our
 * own, named like the rule, only where none is active. Rules of others are neither changed nor moved.
 */
export function planInstall(
  rule: string,
  { active, own }: { active: RuleSet | undefined; own: RuleSet | undefined },
): { place: RulePlace; steps: InstallStep[] } {
  const target = active ?? own ?? { name: rule, rules: [] };
  const ruleSet = target.name;
  const steps: InstallStep[] = [];
  if (active === undefined && own === undefined) steps.push({ step: 'create-rule-set', ruleSet });
  steps.push({ step: target.rules.includes(rule) ? 'update-rule' : 'create-rule', ruleSet });
  // Last: no mail is to arrive at a set without its rule.
  if (active === undefined) steps.push({ step: 'activate', ruleSet });
  return { place: { ruleSet, rule }, steps };
}

/** The steps that take our rule away from where it was put, and our own rule set with it once nobody else uses that. */
export function planRemoval(
  { rule, ruleSet }: RulePlace,
  { active, found }: { active: RuleSet | undefined; found: RuleSet | undefined },
): RemovalStep[] {
  if (found === undefined) return [];
  const steps: RemovalStep[] = found.rules.includes(rule) ? [{ step: 'delete-rule', ruleSet }] : [];
  const isOurs = ruleSet === rule;
  if (!isOurs || found.rules.some((name) => name !== rule)) return steps;
  if (active?.name === ruleSet) steps.push({ step: 'deactivate', ruleSet });
  return [...steps, { step: 'delete-rule-set', ruleSet }];
}
