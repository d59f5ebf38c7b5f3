import type { Interaction } from '../contracts/interaction.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { NewId } from '../platform/ids.ts';
import { type IncomingInteraction, placeInteraction } from '../timeline/placeInteraction.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { type Consent, consentOf, mergeConsents } from './consentOf.ts';
import { platformSource } from './followUpInteractions.ts';
import { changeLedger, type SendLedger, type SendLedgers } from './sendLedger.ts';

export interface RecordConsentPorts {
  ledgers: Pick<SendLedgers, 'read' | 'write'>;
  timeline: Pick<Timeline, 'append'>;
  newId: NewId;
}

/** What a recipient decides by the link in a mail, which only the mailbox has. */
export interface ConsentDecision {
  address: Leaf;
  purpose: string;
  state: Consent['state'];
  /** The words beside the button that was pressed; a mail program's one click shows none. */
  shown?: string;
}

/**
 * Records what a recipient decides: first in the address's ledger, which decides about the very next send, then on the
 * timeline. Each decision counts at its own time, also where it repeats the last one of this address: another address
 * of the customer may have decided otherwise meanwhile. Gives what holds for this address then, which is the other
 * thing where a later decision came first.
 */
export async function recordConsent(
  { ledgers, newId, timeline }: RecordConsentPorts,
  decision: ConsentDecision,
  receivedAtMs: number,
): Promise<Consent> {
  const { address, purpose, state } = decision;
  const place = (atMs: number) => placeInteraction(consentInteraction(decision, atMs), { newId, receivedAtMs });
  const ledger = await changeLedger(ledgers, address, (before) => {
    if ((latestOf(before, decision) ?? -1) >= receivedAtMs) return undefined;
    const granted = { atMs: receivedAtMs, evidence: place(receivedAtMs).interaction.id };
    const decided =
      state === 'granted'
        ? { unsubscribed: {}, granted: { [purpose]: granted } }
        : { unsubscribed: { [purpose]: receivedAtMs }, granted: {} };
    return { ...before, ...mergeConsents(before, decided) };
  });
  // A repetition at the same moment completes what an interruption left out.
  await timeline.append(place(latestOf(ledger, decision) ?? receivedAtMs));
  return consentOf([ledger], purpose) ?? { state, atMs: receivedAtMs };
}

function latestOf(ledger: SendLedger, { purpose, state }: ConsentDecision): number | undefined {
  return state === 'granted' ? ledger.granted[purpose]?.atMs : ledger.unsubscribed[purpose];
}

function consentInteraction({ address, purpose, shown, state }: ConsentDecision, atMs: number): IncomingInteraction {
  const properties: Interaction['properties'] = { purpose, evidence: 'unsubscribe-link' };
  return {
    home: address,
    messageId: `${state}:${purpose}`,
    clientTimeMs: atMs,
    type: `consent.${state}`,
    channel: 'email',
    direction: 'inbound',
    source: platformSource,
    touchpoint: 'unsubscribe',
    // Only the mailbox has the link.
    trust: 'proven',
    identifiers: [],
    text: `${state === 'granted' ? 'Agreed' : 'Objected'} to mails: ${purpose}`,
    properties: shown === undefined ? properties : { ...properties, shown },
  };
}
