import { planInstall, planRemoval, type RulePlace } from './planReceiptRule.ts';
import type { ReceiptRule, ReceiptRules } from './receiptRules.ts';

/** Puts the rule where mail comes by and returns where that is. Repeating it changes nothing more. */
export async function installReceiptRule(rules: ReceiptRules, rule: ReceiptRule): Promise<RulePlace> {
  const [active, own] = await Promise.all([rules.active(), rules.ruleSet(rule.name)]);
  const { place, steps } = planInstall(rule.name, { active, own });
  const actions: Record<(typeof steps)[number]['step'], (ruleSet: string) => Promise<void>> = {
    'create-rule-set': rules.createRuleSet,
    'create-rule': (ruleSet) => rules.createRule(ruleSet, rule),
    'update-rule': (ruleSet) => rules.updateRule(ruleSet, rule),
    activate: rules.activate,
  };
  for (const { ruleSet, step } of steps) await actions[step](ruleSet);
  return place;
}

/** Takes the rule away from this place. Repeating it changes nothing more. */
export async function removeReceiptRule(rules: ReceiptRules, place: RulePlace): Promise<void> {
  const [active, found] = await Promise.all([rules.active(), rules.ruleSet(place.ruleSet)]);
  const steps = planRemoval(place, { active, found });
  const actions: Record<(typeof steps)[number]['step'], (ruleSet: string) => Promise<void>> = {
    'delete-rule': (ruleSet) => rules.deleteRule(ruleSet, place.rule),
    deactivate: () => rules.activate(undefined),
    'delete-rule-set': rules.deleteRuleSet,
  };
  for (const { ruleSet, step } of steps) await actions[step](ruleSet);
}
