import { createHash } from 'node:crypto';
import type { Identifier } from '../contracts/identifier.ts';
import type { WidgetMessageRequest, WidgetSessionRequest } from '../contracts/widget.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { ParsePhone } from '../identity/parsePhone.ts';
import type { IncomingInteraction } from '../timeline/placeInteraction.ts';
import type { Visitor } from './sessionToken.ts';

/**
 * What opening a session states about the visitor; undefined where it states nothing. Its message id is a hash of the
 * statement, so that a page which opens its session again and again leaves one interaction.
 */
export function identifiedInteraction(
  home: Leaf,
  visitor: Visitor,
  { claims = {}, language }: Pick<WidgetSessionRequest, 'claims' | 'language'>,
  parsePhone: ParsePhone,
): IncomingInteraction | undefined {
  const { email, phone, name } = claims;
  const number = phone === undefined ? undefined : parsePhone(phone);
  const traits = present({ email, phone, name, language });
  if (visitor.user === undefined && Object.keys(traits).length === 0) return undefined;
  const identifiers: Identifier[] = [
    ...identifiersOf(visitor),
    ...(email === undefined ? [] : [{ type: 'email', value: email, trust: 'claimed' } as const]),
    // What is no number stays a detail.
    ...(number === undefined ? [] : [{ type: 'phone', value: number, trust: 'claimed' } as const]),
  ];
  return {
    home,
    messageId: `session:${hashOf([identifiers, traits])}`,
    type: 'customer.identified',
    ...fromVisitor(visitor),
    identifiers,
    text: `Identified by ${[...(visitor.user ? ['userId'] : []), ...Object.keys(traits)].join(', ')}`,
    properties: { traits },
  };
}

/** A chat message as the visitor wrote it, at the browser's own time. */
export function receivedInteraction(
  home: Leaf,
  visitor: Visitor,
  { messageId, text, sentAt }: WidgetMessageRequest,
): IncomingInteraction {
  return {
    home,
    messageId,
    clientTimeMs: Date.parse(sentAt),
    type: 'message.received',
    ...fromVisitor(visitor),
    identifiers: identifiersOf(visitor),
    text,
    properties: visitor.resumed ? repliedBy(visitor.resumed) : {},
  };
}

/** The link in the mail says which conversation goes on and who goes on with it, as a reply to the mail would. */
function repliedBy({ address, message, side }: NonNullable<Visitor['resumed']>) {
  return { reply: { message, ...side }, mailbox: address };
}

function fromVisitor({ resumed, source, user }: Visitor) {
  return {
    channel: 'web',
    direction: 'inbound',
    source,
    touchpoint: 'widget',
    trust: resumed ? 'proven' : (user?.trust ?? 'claimed'),
  } as const;
}

function identifiersOf({ anonymousId, user }: Visitor): Identifier[] {
  return [
    { type: 'anonymousId', value: anonymousId, trust: 'claimed' },
    ...(user === undefined ? [] : [{ type: 'userId', value: user.userId, trust: user.trust } as const]),
  ];
}

function present(traits: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(traits).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

function hashOf(statement: unknown): string {
  return createHash('sha256').update(JSON.stringify(statement)).digest('base64url');
}
