import { type Condition, type Item, isNew, type Table, type TransactOperation } from '../platform/table.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { type CardPlace, cardKey, readFoldedCardItem, toCardItem } from './conversationCard.ts';
import {
  afterLastArrival,
  arrivalTime,
  conversationPartition,
  inboxIndex,
  leafCardKey,
  leafOfMessage,
  messageKey,
  movedCardKey,
  pointerKey,
} from './conversationKeys.ts';
import type { ConversationMessage, Membership, StatedMembership } from './conversationMessage.ts';
import type { Conversations, ConversationWriter, FoldedTree, StatedEntry } from './conversations.ts';
import { listInbox } from './listInbox.ts';
import { type MessageSource, type Pointer, readMessages } from './readMessages.ts';

/** Keeps cards and pointers in the table; messages are read from the timeline. */
export function createConversationStore(table: Table, timeline: Timeline): Conversations & ConversationWriter {
  const cardById = async (conversationId: string) => {
    const leaf = leafOfMessage(conversationId);
    if (leaf === undefined) return undefined;
    const [item] = await table.getMany([leafCardKey(leaf, conversationId), movedCardKey(conversationId)]);
    return item && readFoldedCardItem(item);
  };
  const whileFoldedApart = (place: CardPlace, tree: FoldedTree) => (place === 'moved' ? [tree] : []);
  const statement = ({ id, stored }: StatedEntry, membership: Membership, tree: FoldedTree): TransactOperation[] => [
    { update: messageKey(id), set: statementOf(membership, stored), condition: isStillStated(stored) },
    // Who folded a former tree may come last, and find the message where it is right by the present one.
    ...(stored ? [tree] : []),
  ];
  const writeStatement: ConversationWriter['writeStatement'] = async (entry, membership, tree) => {
    const { id, stored } = entry;
    const { conversationId, reason } = membership;
    if (stored?.conversationId === conversationId && stored.reason === reason) return true;
    const isWritten =
      stored === undefined
        ? await table.update(messageKey(id), statementOf(membership, stored), isStillStated(stored))
        : (await table.transact(statement(entry, membership, tree))).stored;
    if (isWritten) return true;
    // Perhaps it is done already, or was erased meanwhile.
    const item = await table.get(messageKey(id), { consistent: true });
    return item === undefined || (item.conversationId === conversationId && item.continuity === reason);
  };
  const writePointer = ({ arrival, by }: ConversationMessage, { conversationId }: Membership) =>
    table.put({ ...pointerKey(conversationId, arrival), entity: 'message-pointer', schemaVersion: 1, by });
  const messageSource: MessageSource = {
    async readPointers(conversationId, range) {
      const { items, more } = await table.query({ pk: conversationPartition(conversationId), ...range });
      return { pointers: items.map(readPointer), more };
    },
    readByIds: (ids) => timeline.readByIds(ids),
  };

  return {
    async readCard(conversationId) {
      const card = await cardById(conversationId);
      if (card || leafOfMessage(conversationId) === undefined) return card;
      const [message] = await timeline.readByIds([conversationId]);
      return message?.conversationId === undefined ? undefined : cardById(message.conversationId);
    },
    listInbox: (request) =>
      listInbox(async ({ partition, after, limit }) => {
        const { items, next } = await table.queryIndex({
          index: inboxIndex,
          partition: { name: 'inboxStatus', value: partition },
          limit,
          ...(after ? { after: { ...after, inboxStatus: partition } } : {}),
        });
        return { items, more: next !== undefined };
      }, request),
    readMessages: (request) => readMessages(messageSource, request),
    async readNewest(conversationId, limit, leaves) {
      const { items } = await table.query({
        pk: conversationPartition(conversationId),
        from: arrivalTime(0),
        to: afterLastArrival,
        descending: true,
        limit,
      });
      const ids = items.map((item) => readPointer(item).messageId);
      const messages = await timeline.readByIds(leaves ? ids.filter((id) => leaves.has(leafOfMessage(id) ?? '')) : ids);
      return messages.filter((message) => message.conversationId === conversationId);
    },

    async readMovedCard(conversationId) {
      const item = await table.get(movedCardKey(conversationId), { consistent: true });
      return item && readFoldedCardItem(item);
    },
    async openConversation({ card, place }, opening, membership, tree) {
      await writePointer(opening, membership);
      // Together with the statement that rests on it: a request that its sender gave up may still arrive when others have
      // found that nothing begins here.
      const operations: TransactOperation[] = [
        { put: toCardItem(card, place), condition: isNew },
        ...statement(opening, membership, tree),
      ];
      // Whoever looked for it on the leaf first may have missed that it was being moved there.
      if (place === 'moved') operations.push({ delete: cardKey(card.conversationId, 'leaf'), condition: isNew });
      return (await table.transact(operations)).stored;
    },
    async writeCard(next, previous, tree) {
      const put = toCardItem(next.card, next.place);
      const condition = isUnchangedSince(previous.card.version);
      if (previous.place === next.place && next.place === 'leaf') return (await table.put(put, condition)).stored;
      const former = cardKey(previous.card.conversationId, previous.place);
      const operations =
        previous.place === next.place ? [{ put, condition }] : [{ delete: former, condition }, { put }];
      return (await table.transact([...operations, ...whileFoldedApart(previous.place, tree)])).stored;
    },
    async deleteCard({ card, place }, tree) {
      const operation = { delete: cardKey(card.conversationId, place), condition: isUnchangedSince(card.version) };
      return (await table.transact([operation, ...whileFoldedApart(place, tree)])).stored;
    },
    async writeMembership(message, membership, tree) {
      await writePointer(message, membership);
      return writeStatement(message, membership, tree);
    },
    writeStatement,
    async deletePointer(message, conversationId) {
      await table.transact([{ delete: pointerKey(conversationId, message.arrival) }]);
    },
    async readArrivals(conversationId) {
      const arrivals: string[] = [];
      for (let after: string | undefined = ''; after !== undefined; ) {
        const range = { from: `${after}!`, to: afterLastArrival, consistent: true };
        const { items, more } = await table.query({ pk: conversationPartition(conversationId), ...range });
        arrivals.push(...items.map(({ sk }) => sk));
        after = more ? items.at(-1)?.sk : undefined;
      }
      return arrivals;
    },
  };
}

function isUnchangedSince(version: number): Condition {
  return { expression: 'version = :version', values: { ':version': version } };
}

/** Attributes of an interaction; each time that something else, or the same anew, is said in place of it counts. */
function statementOf({ conversationId, reason }: Membership, stored: StatedMembership | undefined) {
  const statement = { conversationId, continuity: reason };
  return stored ? { ...statement, continuityMoves: stored.moves + 1 } : statement;
}

/**
 * The interaction says what was read of it. A request that its sender gave up may still arrive, long after somebody else has
 * moved the message on and perhaps back: only the count tells that from nothing having happened.
 */
function isStillStated(stored: StatedMembership | undefined): Condition {
  if (stored === undefined) return { expression: 'attribute_exists(pk) AND attribute_not_exists(conversationId)' };
  const { conversationId, moves } = stored;
  if (moves === 0) {
    return {
      expression: 'conversationId = :from AND attribute_not_exists(continuityMoves)',
      values: { ':from': conversationId },
    };
  }
  return {
    expression: 'conversationId = :from AND continuityMoves = :moves',
    values: { ':from': conversationId, ':moves': moves },
  };
}

function readPointer({ sk }: Item): Pointer {
  const [time = '', messageId = ''] = sk.split('#');
  return { arrival: sk, messageId, receivedAtMs: Number.parseInt(time, 36) };
}
