import type { NewId } from '../platform/ids.ts';
import { placeInteraction } from '../timeline/placeInteraction.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { platformSource } from './followUpInteractions.ts';
import { changeLedger, type SendLedgers } from './sendLedger.ts';
import type { Objection } from './unsubscribeToken.ts';

export interface WithdrawConsentPorts {
  ledgers: Pick<SendLedgers, 'read' | 'write'>;
  timeline: Pick<Timeline, 'append'>;
  newId: NewId;
}

/**
 * Records that a recipient objects: first in the ledger, which stops the very next send, then on the timeline. Again
 * and again it stays one objection, of the time of the first; a repetition completes what an interruption left out.
 */
export async function withdrawConsent(
  ports: WithdrawConsentPorts,
  { address, purpose }: Pick<Objection, 'address' | 'purpose'>,
  receivedAtMs: number,
): Promise<void> {
  const { unsubscribed } = await changeLedger(ports.ledgers, address, (ledger) =>
    ledger.unsubscribed[purpose] === undefined
      ? { ...ledger, unsubscribed: { ...ledger.unsubscribed, [purpose]: receivedAtMs } }
      : undefined,
  );
  const withdrawn = placeInteraction(
    {
      home: address,
      messageId: `withdrawn:${purpose}`,
      clientTimeMs: unsubscribed[purpose] ?? receivedAtMs,
      type: 'consent.withdrawn',
      channel: 'email',
      direction: 'inbound',
      source: platformSource,
      touchpoint: 'unsubscribe',
      // Only the mailbox has the link.
      trust: 'proven',
      identifiers: [],
      text: `Objected to mails: ${purpose}`,
      properties: { purpose, evidence: 'unsubscribe-link' },
    },
    { newId: ports.newId, receivedAtMs },
  );
  await ports.timeline.append(withdrawn);
}
