import { consentOf } from './consentOf.ts';
import type { Playbook } from './playbooks.ts';
import type { SendLedger, SuppressionReason } from './sendLedger.ts';

/** What is known when a follow-up is about to be sent. */
export interface FollowUpFacts {
  playbook: Playbook;
  /** Ledger of the chosen address. */
  ledger: SendLedger;
  /** Ledgers of the customer's other addresses: what one decided holds for all, and caps count them together. */
  otherLedgers: readonly SendLedger[];
  occasionAtMs: number;
  /** Whether the customer has reached or been answered by us since the occasion. */
  isSuperseded: boolean;
  nowMs: number;
}

/** The first reason against sending, in order of weight; undefined where nothing speaks against it. */
export function checkFollowUp(facts: FollowUpFacts): SuppressionReason | undefined {
  const { isSuperseded, ledger, nowMs, occasionAtMs, otherLedgers, playbook } = facts;
  const ledgers = [ledger, ...otherLedgers];
  const consent = consentOf(ledgers, playbook.purpose);
  if (consent?.state === 'withdrawn') return 'unsubscribed';
  if (consent === undefined && playbook.legalBasis === 'consent') return 'no-consent';
  if (ledger.suppressed) return 'address-suppressed';
  if (sendsWithin(ledgers, playbook, nowMs) >= playbook.cap.sends) return 'frequency-cap';
  if (isSuperseded) return 'superseded';
  if (nowMs - occasionAtMs > playbook.maximumAgeMs) return 'too-old';
  return undefined;
}

/** Sends for the playbook's purpose within its cap's period; one that may have been made counts. */
function sendsWithin(ledgers: readonly SendLedger[], { cap, purpose }: Playbook, nowMs: number): number {
  return ledgers
    .flatMap(({ entries }) => Object.values(entries))
    .filter((entry) => entry.state !== 'suppressed' && entry.purpose === purpose)
    .filter(({ atMs }) => nowMs - atMs < cap.periodMs).length;
}
