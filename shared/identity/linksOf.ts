import * as z from 'zod';
import { type IdentifierType, identifierTypeSchema, identifierTypes } from '../contracts/identifier.ts';
import type { Interaction } from '../contracts/interaction.ts';
import { readInteractionId } from '../timeline/timelineKeys.ts';
import type { LinkTrust, Member } from './identityNode.ts';
import { isJunkIdentifier } from './isJunkIdentifier.ts';
import { isLeaf } from './leaf.ts';

/** An identifier within a statement that it belongs to the same customer as another one. */
export interface StatedIdentifier {
  type: IdentifierType;
  value: string;
}

/**
 * Which rule makes a link of a statement. A reply is asserted only: it proves its mailbox and continues that
 * conversation, but whoever typed or registered somebody's address must gain nothing by the owner's answer.
 */
export type LinkReason = 'stated-by-server' | 'signed-user-id' | 'resume-link' | 'reply' | 'confirmed-by-agent';

export interface StatedLink {
  a: StatedIdentifier | Member;
  b: StatedIdentifier | Member;
  trust: LinkTrust;
  reason: LinkReason;
}

type Statement = Pick<Interaction, 'id' | 'type' | 'channel' | 'direction' | 'trust' | 'identifiers' | 'properties'>;

/**
 * What an interaction states about who is who:
 * - a server key asserts that the identifiers in one event belong together;
 * - a signed user id proves that the browser which shows it is that user's; what else the browser says is its claim;
 * - a resume link that was opened proves that the browser's owner reads the mailbox to which it was sent;
 * - a mail that replies to us, and what is written by the link in our mail, asserts that its sender is whom we wrote to;
 * - nothing else links by itself: not a browser's claims, not other mail, calls or answers, not what the platform notes.
 * The most authoritative identifier is linked to each of the others. Junk values link nothing.
 */
export function linksOf(interaction: Statement): StatedLink[] {
  const { channel, direction, properties, trust, type } = interaction;
  if (type === 'conversation.resumed') return resumedLinks(interaction);
  if (trust === 'claimed' || direction !== 'inbound' || type.startsWith('identity.')) return [];
  const isByLink = typeof properties.mailbox === 'string';
  if (type === 'message.received' && (channel === 'email' || isByLink)) return replyLinks(interaction);
  if (channel !== 'web') return [];
  const identifiers = interaction.identifiers
    .filter((one) => one.trust === trust || (trust === 'proven' && one.type === 'anonymousId'))
    .filter((one) => !isJunkIdentifier(one.type, one.value))
    .sort((one, other) => identifierTypes.indexOf(one.type) - identifierTypes.indexOf(other.type));
  const [first, ...others] = identifiers.map(({ type, value }) => ({ type, value }));
  if (first === undefined) return [];
  const reason = trust === 'proven' ? 'signed-user-id' : 'stated-by-server';
  return others.map((other) => ({ a: first, b: other, trust, reason }));
}

const resumedSchema = z.object({ address: z.string().refine(isLeaf) });

/** The platform's own record that somebody opened a resume link in a browser, on that browser's leaf. */
function resumedLinks({ id, properties }: Statement): StatedLink[] {
  const browser = readInteractionId(id)?.leaf;
  const { data } = resumedSchema.safeParse(properties);
  if (data === undefined || browser === undefined) return [];
  const a: Member = { leaf: data.address, type: 'email' };
  return [{ a, b: { leaf: browser, type: 'anonymousId' }, trust: 'proven', reason: 'resume-link' }];
}

const replySchema = z.object({
  reply: z.object({ leaf: z.string().refine(isLeaf), type: identifierTypeSchema }),
  /** Of what was written by the link in a mail; a mail lies with its mailbox. */
  mailbox: z.string().refine(isLeaf).optional(),
});

/** Whoever received it knew which answer of ours it replies to, and on whose leaf that stands. */
function replyLinks({ id, properties, trust }: Statement): StatedLink[] {
  const { data } = replySchema.safeParse(properties);
  const sender = data?.mailbox ?? readInteractionId(id)?.leaf;
  if (data === undefined || sender === undefined || trust !== 'proven' || data.reply.leaf === sender) return [];
  const { leaf, type } = data.reply;
  return [{ a: { leaf: sender, type: 'email' }, b: { leaf, type }, trust: 'asserted', reason: 'reply' }];
}
