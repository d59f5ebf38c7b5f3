import type { Interaction } from '../contracts/interaction.ts';
import type { Message, MessagePage } from '../contracts/widget.ts';
import { afterLastArrival, arrivalTime, leafOfMessage } from './conversationKeys.ts';
import { speakerOf } from './conversationMessage.ts';
import type { MessageRequest } from './conversations.ts';
import { advanceCursor, decodeMessageCursor, encodeMessageCursor, seenMessage } from './messageCursor.ts';

/** A message's place in a conversation, as its pointer tells it. */
export interface Pointer {
  arrival: string;
  messageId: string;
  receivedAtMs: number;
}

export interface MessageSource {
  /** A stretch of a conversation's pointers in order of arrival, bounds inclusive. */
  readPointers(
    conversationId: string,
    range: { from: string; to: string; limit: number },
  ): Promise<{ pointers: Pointer[]; more: boolean }>;
  readByIds(ids: readonly string[]): Promise<Interaction[]>;
}

/** See `Conversations.readMessages`. */
export async function readMessages(
  source: MessageSource,
  { conversationId, after, leaves, limit, visibleTo }: MessageRequest,
): Promise<MessagePage> {
  const cursor = after === undefined ? undefined : decodeMessageCursor(after);
  const seen = new Set(cursor?.seen.map(nameOf));
  const found: { message: Message; pointer: Pointer }[] = [];
  let from = arrivalTime(cursor?.fromMs ?? 0);
  for (let more = true; more && found.length < limit; ) {
    const page = await source.readPointers(conversationId, { from, to: afterLastArrival, limit: limit + seen.size });
    const unseen = page.pointers.filter(({ messageId, receivedAtMs }) => {
      return !seen.has(nameOf(seenMessage({ id: messageId, receivedAtMs })));
    });
    const taken = unseen.slice(0, limit - found.length);
    const interactions = await source.readByIds(taken.map(({ messageId }) => messageId));
    const byId = new Map(interactions.map((interaction) => [interaction.id, interaction]));
    for (const pointer of taken) {
      const interaction = byId.get(pointer.messageId);
      // A pointer counts once the interaction agrees; until then it is not marked as seen either.
      if (interaction?.conversationId !== conversationId) continue;
      if (leaves && !leaves.has(leafOfMessage(interaction.id) ?? '')) continue;
      if (visibleTo === undefined || visibleTo(interaction))
        found.push({ message: { ...messageFrom(interaction), ...(visibleTo ? {} : toldToUs(interaction)) }, pointer });
    }
    const last = taken.length < unseen.length ? taken.at(-1) : page.pointers.at(-1);
    more = last !== undefined && (page.more || taken.length < unseen.length);
    from = `${last?.arrival}~`;
  }
  const returned = found.map(({ pointer }) =>
    seenMessage({ id: pointer.messageId, receivedAtMs: pointer.receivedAtMs }),
  );
  const next =
    cursor === undefined && returned.length === 0 ? null : encodeMessageCursor(advanceCursor(cursor, returned));
  return { messages: found.map(({ message }) => message), next };
}

/** A message as people read it. */
export function messageFrom(interaction: Interaction): Message {
  const { channel, direction, id, occurredAt, text = '' } = interaction;
  const message: Message = { id, at: occurredAt, by: speakerOf(interaction), channel, text };
  return direction === 'internal' ? { ...message, internal: true } : message;
}

/** What agents are told besides. */
function toldToUs({
  continuity,
  properties: { agent, subject },
}: Interaction): Pick<Message, 'reason' | 'subject' | 'agent'> {
  return {
    ...(continuity && { reason: continuity.reason }),
    ...(typeof subject === 'string' && subject !== '' ? { subject } : {}),
    ...(typeof agent === 'string' && agent !== '' ? { agent } : {}),
  };
}

function nameOf({ receivedAtMs, hash }: { receivedAtMs: number; hash: string }): string {
  return `${receivedAtMs}.${hash}`;
}
