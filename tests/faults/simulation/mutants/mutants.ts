/** A deliberate breakage: one text of a source file, as it is and as it must never become. */
export interface Mutant {
  name: string;
  file: string;
  /** Occurs exactly once. */
  text: string;
  becomes: string;
  /** The test that meets it, where it is too rare for seeds. */
  metBy?: string;
}

/** Stops a fold wherever others can meet it. */
const encounters = 'tests/flows/interleavedFolds.test.ts';

/** Each removes one thing that an invariant rests on. */
export const mutants: readonly Mutant[] = [
  {
    name: 'replace a root whatever it has become',
    file: 'shared/identity/planChange.ts',
    text: 'operations.push({ put: identityNodeItem(leaf, node), condition: epochUnchanged(own.epoch) });',
    becomes: 'operations.push({ put: identityNodeItem(leaf, node) });',
  },
  {
    name: 'leave the epoch of a root that grows',
    file: 'shared/identity/planChange.ts',
    text: 'divideTree(tree, own.epoch + 1).node',
    becomes: 'divideTree(tree, Math.max(1, own.epoch)).node',
  },
  {
    name: 'shorten a path without looking',
    file: 'shared/identity/locateRoot.ts',
    text: 'await table.put(identityNodeItem(leaf, turned), epochUnchanged(epoch))',
    becomes: 'await table.put(identityNodeItem(leaf, turned))',
  },
  {
    name: 'believe a conflict seen in roots of different moments',
    file: 'shared/identity/identityStore.ts',
    text: 'return nodes.every((node, index) => (node?.epoch ?? 0) === roots[index]?.node.epoch);',
    becomes: 'return nodes.length >= 0;',
    metBy: 'tests/flows/identityUnlink.test.ts',
  },
  {
    name: 'link without the fact that tells of it',
    file: 'shared/identity/identityStore.ts',
    text: 'const operations = [...plan.operations, ...facts];',
    becomes: 'const operations = [...plan.operations];',
  },
  {
    name: 'link anew what the same evidence has linked before',
    file: 'shared/identity/identityStore.ts',
    text: 'isJoining && put.pk === own.pk && put.sk === own.sk ? { put, condition: isNew } : { put },',
    becomes: "put.pk === '' && isJoining ? { put, condition: isNew } : { put },",
    metBy: 'tests/flows/identityUnlink.test.ts',
  },
  {
    name: 'record no conflict',
    file: 'shared/identity/linkIdentities.ts',
    text: 'if (recorded.has(name)) return;',
    becomes: 'if (name) return;',
  },
  {
    name: 'put an interaction over one that is there',
    file: 'shared/timeline/timelineStore.ts',
    text: 'await table.put(item, isNew)',
    becomes: 'await table.put(item)',
  },
  {
    name: 'store a message without its guard',
    file: 'shared/timeline/timelineStore.ts',
    text: '{ put: witness, condition: isNew },',
    becomes: '{ put: witness },',
  },
  {
    name: 'forget that a repeated interaction is known',
    file: 'shared/customer/head.ts',
    text: 'return head.shown.some((shown) => shown.order === order) || head.remembered.includes(shortOrder(order));',
    becomes: 'return head.shown.length < 0 && order === "";',
  },
  {
    name: 'fold below the mark as if it were new',
    file: 'shared/customer/head.ts',
    text: "if (head?.mark !== undefined && shortOrder(order) <= head.mark) return { kind: 'behind' };",
    becomes: '',
  },
  {
    name: 'write the head although the cards were not written',
    file: 'shared/customer/projectLeaf.ts',
    text: 'if (projected === undefined) return false;',
    becomes: '',
  },
  {
    name: 'write a head over a newer one',
    file: 'shared/customer/customerStore.ts',
    text: '...(news?.aloneAtEpoch ? { aloneAtEpoch: news.aloneAtEpoch } : {}),\n      };\n      return (await table.put(item, isUnchangedSince(version))).stored;',
    becomes:
      '...(news?.aloneAtEpoch ? { aloneAtEpoch: news.aloneAtEpoch } : {}),\n      };\n      return (await table.put(item)).stored;',
  },
  {
    name: 'write a customer over a newer one',
    file: 'shared/customer/customerStore.ts',
    text: '...encodeCustomer(fold),\n      };\n      return (await table.put(item, isUnchangedSince(version))).stored;',
    becomes: '...encodeCustomer(fold),\n      };\n      return (await table.put(item)).stored;',
  },
  {
    name: 'write a card over a newer one',
    file: 'shared/conversation/conversationStore.ts',
    text: "next.place === 'leaf') return (await table.put(put, condition)).stored;",
    becomes: "next.place === 'leaf') return (await table.put(put)).stored;",
  },
  {
    name: 'open a conversation, or move a message, whatever it says by now',
    file: 'shared/conversation/conversationStore.ts',
    text: 'set: statementOf(membership, stored), condition: isStillStated(stored) }',
    becomes: "set: statementOf(membership, stored), condition: { expression: 'attribute_exists(pk)' } }",
    metBy: encounters,
  },
  {
    name: 'open a conversation that is being moved a second time',
    file: 'shared/conversation/conversationStore.ts',
    text: "if (place === 'moved') operations.push(",
    becomes: "if (place === 'nowhere') operations.push(",
    metBy: encounters,
  },
  {
    name: 'state the conversation of a message that has been stated meanwhile',
    file: 'shared/conversation/conversationStore.ts',
    text: '? await table.update(messageKey(id), statementOf(membership, stored), isStillStated(stored))',
    becomes:
      "? await table.update(messageKey(id), statementOf(membership, stored), { expression: 'attribute_exists(pk)' })",
  },
  {
    name: 'leave the cards of a fold that broke off',
    file: 'shared/customer/projectLeaf.ts',
    text: "return interactions.some(mayShowOnCards) ? verifyCards(ports, leaf) : 'known';",
    becomes: "return interactions.length > 0 ? 'known' : verifyCards(ports, leaf);",
    metBy: 'tests/flows/projectTimeline.test.ts',
  },
  {
    name: 'tell of no reason that a replay read ahead',
    file: 'shared/customer/projectLeaf.ts',
    text: '!isHeard(id, state.head) &&',
    becomes: 'id === "" &&',
  },
  {
    name: 'fold leaves that were read before the tree they belong to',
    file: 'shared/customer/foldCustomer.ts',
    text: 'return isSame ? { root,',
    becomes: 'return isSame || leaves ? { root,',
    metBy: encounters,
  },
  {
    name: 'leave what a fold of the former tree is about to write over',
    file: 'shared/conversation/projectConversations.ts',
    text: 'const isUnchanged = !isNewTree && previous',
    becomes: 'const isUnchanged = previous',
    metBy: encounters,
  },
  {
    name: 'move a message whatever its tree has become',
    file: 'shared/conversation/conversationStore.ts',
    text: '...(stored ? [tree] : []),',
    becomes: '',
    metBy: encounters,
  },
  {
    name: 'write a card that lies by itself whatever its tree has become',
    file: 'shared/conversation/conversationStore.ts',
    text: "place === 'moved' ? [tree] : []",
    becomes: 'place === tree.check.pk ? [tree] : []',
    metBy: encounters,
  },
  {
    name: 'begin a card that is made again where it began',
    file: 'shared/conversation/projectConversations.ts',
    text: 'return 1 + (stored ? stored.moves + 1 : 0) * versionsOfALife;',
    becomes: 'return stored ? 1 : 1;',
    metBy: encounters,
  },
  {
    name: 'hear messages by the clocks of their senders',
    file: 'shared/conversation/cardDrafts.ts',
    text: '(one.arrival < other.arrival ? -1 : 1)',
    becomes: '(one.position < other.position ? -1 : 1)',
  },
  {
    name: 'continue a conversation with what comes days late',
    file: 'shared/conversation/continuation.ts',
    text: 'return receivedAtMs - occurredAtMs > lateAfterMs;',
    becomes: 'return receivedAtMs - occurredAtMs > lateAfterMs * 1000;',
  },
  {
    name: 'report no failure of the stream',
    file: 'functions/project-timeline/handler.ts',
    text: 'return [{ sequenceNumber: first.sequenceNumber, error, facts }];',
    becomes: 'return error ? [] : [];',
  },
  {
    name: 'forget the block of an unlink',
    file: 'shared/identity/decideUnlink.ts',
    text: 'blocks: distinctPairs([...tree.blocks, [x, a] as const])',
    becomes: 'blocks: tree.blocks',
  },
  {
    name: 'link across a block',
    file: 'shared/identity/decideLink.ts',
    text: "if (blocks.some((ends) => ends.every((end) => leaves.has(end)))) return { kind: 'conflicted', reason: 'blocked' };",
    becomes: '',
  },
  {
    name: 'cut only the edge between two who are parted',
    file: 'shared/identity/decideUnlink.ts',
    text: '(one === x && kept.has(other)) || (other === x && kept.has(one))',
    becomes: '(one === x && other === a) || (other === x && one === a)',
  },
  {
    name: 'fold nobody who was parted',
    file: 'functions/decide-follow-ups/handler.ts',
    text: 'if (hasMoved && (await',
    becomes: 'if (hasMoved && leaf === "" && (await',
    metBy: 'tests/flows/unlinkedCustomer.test.ts',
  },
  {
    name: 'leave closed what is spoken of again',
    file: 'shared/conversation/foldConversations.ts',
    text: 'if (reopens(message)) into.isClosed = false;',
    becomes: '',
  },
  {
    name: 'count links by the receipt of a message',
    file: 'shared/conversation/foldConversations.ts',
    text: '<= message.occurredAtMs',
    becomes: '<= message.receivedAtMs',
  },
  {
    name: 'go on from cards past a command',
    file: 'shared/conversation/projectConversations.ts',
    text: "projection.from === 'cards' && fresh.commands.length === 0",
    becomes: "projection.from === 'cards'",
  },
  {
    name: 'go on from cards that have heard later words',
    file: 'shared/conversation/cardDrafts.ts',
    text: 'if (before && message.arrival <= before.heardUpTo) return undefined;',
    becomes: '',
  },
];
