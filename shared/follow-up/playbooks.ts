import { answerTrigger, isAnswer, unreadTrigger } from '../answer/isAnswer.ts';
import type { Interaction } from '../contracts/interaction.ts';

/** Who may receive it: a transactional mail belongs to what the customer did; surveys, reminders and offers are marketing. */
export type FollowUpClass = 'transactional' | 'marketing';

/** On what ground a message is sent (GDPR art. 6); `consent` sends only to who gave it. */
export type LegalBasis = 'contract' | 'legitimate-interest' | 'consent';

/** How often one address is written to: at most `sends` within `periodMs` by follow-ups of the same purpose. */
export interface FrequencyCap {
  sends: number;
  periodMs: number;
}

/** When, why and how often something goes out. Data, so that an operator can set it. */
export interface Playbook {
  name: string;
  /** Type of the interaction that causes it. */
  trigger: string;
  step: string;
  /** What the customer can object to; names the same thing for every playbook that serves it. */
  purpose: string;
  class: FollowUpClass;
  legalBasis: LegalBasis;
  cap: FrequencyCap;
  /** Counted from the cause; older, it would only puzzle the customer. */
  maximumAgeMs: number;
  template: 'missed-call';
}

const hourMs = 60 * 60 * 1000;
/** Bound of every cap's period and of every maximum age: ledgers forget what lies further back. */
export const longestPeriodMs = 30 * 24 * hourMs;

/** A call that nobody answered. What the caller wanted is unknown, so the mail apologises and offers to go on by mail. */
const missedCall: Playbook = {
  name: 'missed-call',
  trigger: 'call.missed',
  step: 'apologise',
  purpose: 'service-recovery',
  class: 'transactional',
  legalBasis: 'legitimate-interest',
  cap: { sends: 1, periodMs: 4 * hourMs },
  maximumAgeMs: 24 * hourMs,
  template: 'missed-call',
};

export const playbooks: readonly Playbook[] = [missedCall];

const triggerTypes: ReadonlySet<string> = new Set(playbooks.map(({ trigger }) => trigger));

/**
 * As what an interaction may cause something to be sent: a head that folds it lists it so in its `triggers`. Undefined
 * for what causes nothing.
 */
export function triggerOf(
  interaction: Pick<Interaction, 'type' | 'channel' | 'direction' | 'properties'>,
): string | undefined {
  if (isAnswer(interaction)) return interaction.channel === 'web' ? unreadTrigger : answerTrigger;
  return triggerTypes.has(interaction.type) ? interaction.type : undefined;
}
