import { describe, expect, it } from 'vitest';
import { planInstall, planRemoval } from '../../shared/receipt/planReceiptRule.ts';

const ours = 'throughline-17';
const own = (...rules: string[]) => ({ name: ours, rules });
const corporate = (...rules: string[]) => ({ name: 'corporate', rules });

describe('where our receipt rule goes', () => {
  it.each([
    [
      'into a set of our own, which then becomes the active one, where there is none at all',
      { active: undefined, own: undefined },
      { ruleSet: ours, steps: ['create-rule-set', 'create-rule', 'activate'] },
    ],
    [
      'into our own set where somebody had left the account without an active one',
      { active: undefined, own: own() },
      { ruleSet: ours, steps: ['create-rule', 'activate'] },
    ],
    [
      'on from where an earlier try was broken off',
      { active: undefined, own: own(ours) },
      { ruleSet: ours, steps: ['update-rule', 'activate'] },
    ],
    [
      'into the set that others made active, which stays active',
      { active: corporate('bounce-all'), own: undefined },
      { ruleSet: 'corporate', steps: ['create-rule'] },
    ],
    [
      'into the set that others made active, though ours still exists',
      { active: corporate(), own: own(ours) },
      { ruleSet: 'corporate', steps: ['create-rule'] },
    ],
    [
      'where it is, once it is there',
      { active: corporate('bounce-all', ours), own: undefined },
      { ruleSet: 'corporate', steps: ['update-rule'] },
    ],
    [
      'where it is, in our own active set',
      { active: own(ours, 'added-later'), own: own(ours, 'added-later') },
      { ruleSet: ours, steps: ['update-rule'] },
    ],
  ])('%s', (_, sets, wanted) => {
    const { place, steps } = planInstall(ours, sets);
    expect(place).toEqual({ ruleSet: wanted.ruleSet, rule: ours });
    expect(steps).toEqual(wanted.steps.map((step) => ({ step, ruleSet: wanted.ruleSet })));
  });
});

describe('what goes with our receipt rule', () => {
  it.each([
    ['our own set, which is active', own(ours), own(ours), ['delete-rule', 'deactivate', 'delete-rule-set']],
    ['our own set, while the active one stays so', corporate(), own(ours), ['delete-rule', 'delete-rule-set']],
    ['our own empty set', undefined, own(), ['delete-rule-set']],
    ['nothing of our own set but the rule, where others use the set', own(ours, 'x'), own(ours, 'x'), ['delete-rule']],
    ['nothing of a set of others but the rule', corporate(ours, 'x'), corporate(ours, 'x'), ['delete-rule']],
    ['nothing, not even the emptied set of others', corporate(ours), corporate(ours), ['delete-rule']],
    ['nothing where somebody has removed the rule', corporate('x'), corporate('x'), []],
    ['nothing where somebody has removed the set', corporate('x'), undefined, []],
  ])('%s', (_, active, found, steps) => {
    const ruleSet = found?.name ?? 'gone';
    expect(planRemoval({ ruleSet, rule: ours }, { active, found })).toEqual(steps.map((step) => ({ step, ruleSet })));
  });
});
