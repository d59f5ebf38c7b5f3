import type { Trust } from '../contracts/identifier.ts';
import type { Source } from '../contracts/source.ts';
import type { ParsePhone } from '../identity/parsePhone.ts';
import { assertNever } from '../platform/errors.ts';
import type { IncomingInteraction } from '../timeline/placeInteraction.ts';
import { describeEvent } from './describeEvent.ts';
import { identifiersOf } from './identifiersOf.ts';
import { interactionTypeOf } from './interactionTypeOf.ts';
import type { ParsedEvent } from './parseEvent.ts';
import { touchpointOf } from './touchpointOf.ts';

/** An event as an interaction that still needs its home. A browser only claims who it is; a server asserts it. */
export function toInteraction(
  event: ParsedEvent,
  source: Pick<Source, 'name' | 'kind'>,
  parsePhone: ParsePhone,
): Omit<IncomingInteraction, 'home'> {
  const trust: Trust = source.kind === 'server' ? 'asserted' : 'claimed';
  // The visitor's network address is not needed for anything here, so it is not kept.
  const { ip: _ip, ...context } = event.context;
  return {
    type: interactionTypeOf(event),
    channel: 'web',
    direction: 'inbound',
    source: source.name,
    touchpoint: touchpointOf(event, source.name),
    trust,
    identifiers: identifiersOf(event, trust, parsePhone),
    text: describeEvent(event),
    properties: propertiesOf(event),
    ...(Object.keys(context).length > 0 ? { context } : {}),
    ...(event.messageId === undefined ? {} : { messageId: event.messageId }),
    ...(event.clientTimeMs === undefined ? {} : { clientTimeMs: event.clientTimeMs }),
  };
}

function propertiesOf(event: ParsedEvent): Record<string, unknown> {
  switch (event.type) {
    case 'track':
      return interactionTypeOf(event) === 'event.tracked'
        ? withNamed(event.properties, { event: event.event })
        : event.properties;
    case 'page':
    case 'screen':
      return withNamed(event.properties, { name: event.name, category: event.category });
    case 'identify':
      return { traits: event.traits };
    case 'group':
      return { groupId: event.groupId, traits: event.traits };
    case 'alias':
      return { previousId: event.previousId };
    default:
      return assertNever(event);
  }
}

/** Adds the event's own fields; a different value that the sender's properties hold under the same name moves aside. */
function withNamed(
  properties: Record<string, unknown>,
  named: Record<string, string | undefined>,
): Record<string, unknown> {
  const result = { ...properties };
  for (const [name, value] of Object.entries(named)) {
    if (value === undefined) continue;
    const sent = properties[name];
    if (sent !== undefined && sent !== value) result[`properties.${name}`] = sent;
    result[name] = value;
  }
  return result;
}
