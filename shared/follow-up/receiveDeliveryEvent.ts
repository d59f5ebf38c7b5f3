import type { Leaf, LeafOf } from '../identity/leaf.ts';
import type { Clock } from '../platform/clock.ts';
import type { NewId } from '../platform/ids.ts';
import { type IncomingInteraction, placeInteraction } from '../timeline/placeInteraction.ts';
import type { Appended, Timeline } from '../timeline/timeline.ts';
import type { DeliveryEvent, DeliveryEventType, RecipientEvent } from './deliveryEvent.ts';
import { platformSource, sentMessageId } from './followUpInteractions.ts';
import { changeLedger, type SendLedger, type SendLedgers, withEntry } from './sendLedger.ts';

export interface ReceiveDeliveryEventPorts {
  ledgers: Pick<SendLedgers, 'read' | 'write'>;
  timeline: Pick<Timeline, 'append'>;
  leafOf: LeafOf;
  newId: NewId;
  clock: Clock;
}

/**
 * Takes in what became of a mail: any event proves that it was sent; hard bounces and complaints suppress the address;
 * what happened at a recipient stands on the recipient's timeline. Twice or in any order it comes to the same.
 */
export async function receiveDeliveryEvent(
  ports: ReceiveDeliveryEventPorts,
  event: DeliveryEvent,
): Promise<Appended[]> {
  const addresses = new Set([...event.destination, ...event.recipientEvents.map(({ recipient }) => recipient)]);
  const messages = new Map<Leaf, string | undefined>();
  for (const address of addresses) {
    const leaf = leafOf(ports, address);
    messages.set(leaf, await note(ports, leaf, event));
  }
  const appended: Appended[] = [];
  for (const one of event.recipientEvents) {
    const home = leafOf(ports, one.recipient);
    const interaction = interactionOf(home, event, one, messages.get(home));
    const placement = placeInteraction(interaction, { newId: ports.newId, receivedAtMs: ports.clock() });
    appended.push(await ports.timeline.append(placement));
  }
  return appended;
}

/** Writes into the ledger what the event proves, if anything is new; the id of the message that it is about, if known. */
async function note(
  ports: ReceiveDeliveryEventPorts,
  address: Leaf,
  event: DeliveryEvent,
): Promise<string | undefined> {
  const { recipientEvents, sendKey } = event;
  const suppressing = recipientEvents.find(
    (one) => one.suppresses !== undefined && leafOf(ports, one.recipient) === address,
  );
  const ledger = await changeLedger(ports.ledgers, address, (before) => {
    const proven = sendKey === undefined ? before : withProof(before, sendKey, ports.clock());
    const after = suppressing ? withSuppression(proven, suppressing) : proven;
    return after === before ? undefined : after;
  });
  const entry = sendKey === undefined ? undefined : ledger.entries[sendKey];
  return entry && sendKey !== undefined ? sentMessageId(address, sendKey, entry.atMs) : undefined;
}

function withProof(ledger: SendLedger, sendKey: string, nowMs: number): SendLedger {
  const entry = ledger.entries[sendKey];
  if (entry === undefined || entry.state === 'sent') return ledger;
  const { reason: _reason, ...proven } = entry;
  return withEntry(ledger, sendKey, { ...proven, state: 'sent' }, nowMs);
}

/** A complaint outweighs a bounce; of two of a kind the first stays. */
function withSuppression(ledger: SendLedger, { atMs, suppresses }: RecipientEvent): SendLedger {
  if (suppresses === undefined || ledger.suppressed?.reason === suppresses) return ledger;
  if (ledger.suppressed?.reason === 'complaint') return ledger;
  return { ...ledger, suppressed: { reason: suppresses, atMs } };
}

function interactionOf(
  home: Leaf,
  { mailId, sendKey }: DeliveryEvent,
  { atMs, properties, recipient, type }: RecipientEvent,
  message: string | undefined,
): IncomingInteraction {
  const byCustomer = type === 'email.complained' || type === 'email.opened' || type === 'email.clicked';
  return {
    home,
    messageId: `${mailId}:${type}`,
    clientTimeMs: atMs,
    type,
    channel: 'email',
    direction: byCustomer ? 'inbound' : 'outbound',
    source: platformSource,
    touchpoint: 'email',
    trust: 'asserted',
    identifiers: [{ type: 'email', value: recipient, trust: 'asserted' }],
    text: texts[type],
    properties: {
      ...properties,
      mailId,
      ...(sendKey === undefined ? {} : { sendKey }),
      ...(message === undefined ? {} : { message }),
    },
  };
}

const texts: Record<DeliveryEventType, string> = {
  'email.delivered': 'Mail delivered',
  'email.bounced': 'Mail bounced',
  'email.complained': 'Reported our mail as spam',
  'email.rejected': 'Mail rejected by the mail service',
  'email.delayed': 'Mail delayed',
  'email.opened': 'Opened our mail',
  'email.clicked': 'Followed a link in our mail',
};

function leafOf(ports: ReceiveDeliveryEventPorts, address: string): Leaf {
  return ports.leafOf({ type: 'email', value: address });
}
