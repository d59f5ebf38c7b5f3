import type { AnswerAddress } from '../answer/addressesNear.ts';
import { type FindAddressPorts, findAddresses } from '../answer/findAddress.ts';
import type { Source } from '../contracts/source.ts';
import type { CustomerView } from '../customer/readCustomer.ts';
import type { Leaf } from '../identity/leaf.ts';
import { PlatformError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import { placeInteraction } from '../timeline/placeInteraction.ts';
import type { Appended, Timeline } from '../timeline/timeline.ts';
import { outgoing } from './sendMessage.ts';

/** A conversation that we begin. */
export interface NewConversation {
  /** Any leaf of the customer. */
  customerId: Leaf;
  /** By mail unless this says otherwise, or no address is known. */
  channel?: 'web' | 'email' | undefined;
  subject?: string | undefined;
  text: string;
  agent?: string | undefined;
  /** The caller's id of the message: the same again stores nothing more for 30 days. */
  messageId?: string | undefined;
  source: Source;
  receivedAtMs: number;
}

export interface StartConversationPorts extends FindAddressPorts {
  timeline: Pick<Timeline, 'append' | 'readRange'>;
  newId: NewId;
}

/**
 * Begins a conversation by mail or in the customer's widget; `id` is the conversation's. Throws `not-found` for a
 * customer whom nobody knows, `conflict` where no address, or no browser, of theirs is known.
 */
export async function startConversation(
  ports: StartConversationPorts,
  { agent, channel, customerId, messageId, receivedAtMs, source, subject, text }: NewConversation,
): Promise<Appended> {
  const { addresses, view } = await findAddresses(ports, customerId);
  if (view === undefined) throw new PlatformError('not-found', 'There is no such customer.');
  const place = placeOf(ports, { addresses, view, channel });
  if (place === undefined) {
    throw new PlatformError('conflict', 'The customer cannot be reached this way: no address or browser is known.');
  }
  const interaction = {
    ...outgoing({ ...place, source, text }),
    ...(messageId === undefined ? {} : { messageId, recognisedAt: customerId }),
    properties: {
      startsConversation: true,
      ...(subject === undefined ? {} : { subject }),
      ...(agent === undefined ? {} : { agent }),
    },
  };
  return await ports.timeline.append(placeInteraction(interaction, { newId: ports.newId, receivedAtMs }));
}

/** Where the message lies: on the mailbox's leaf, or on the browser's. */
function placeOf(
  { leafOf }: StartConversationPorts,
  {
    addresses,
    channel,
    view,
  }: { addresses: readonly AnswerAddress[]; view: CustomerView; channel: NewConversation['channel'] },
): { channel: 'web' | 'email'; home: Leaf } | undefined {
  const [address] = channel === 'web' ? [] : addresses;
  // An address may only be known by what was said of it elsewhere.
  if (address) return { channel: 'email', home: view.leaves.includes(address.leaf) ? address.leaf : view.customerId };
  const browser = channel === 'email' ? undefined : view.head.identifiers.find(({ type }) => type === 'anonymousId');
  return browser && { channel: 'web', home: leafOf(browser) };
}
