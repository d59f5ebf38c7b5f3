import { leafCardPrefix } from '../../../shared/conversation/conversationKeys.ts';
import { createConversationStore } from '../../../shared/conversation/conversationStore.ts';
import { decodeCustomer } from '../../../shared/customer/customerContent.ts';
import { createCustomerStore } from '../../../shared/customer/customerStore.ts';
import { refoldCustomer } from '../../../shared/customer/foldCustomer.ts';
import type { Head } from '../../../shared/customer/head.ts';
import { decodeHead } from '../../../shared/customer/headContent.ts';
import { idOfOrder } from '../../../shared/customer/interactionOrder.ts';
import { createIdentityStore } from '../../../shared/identity/identityStore.ts';
import { createTable } from '../../../shared/platform/table.ts';
import { createTimelineStore } from '../../../shared/timeline/timelineStore.ts';
import { checkVisible } from './checkVisible.ts';
import { type Attributes, plain } from './expressions.ts';
import { clientOf, createMemoryDynamo, type ImageChange } from './memoryDynamo.ts';
import { canonical, checkConversations } from './model/checkConversations.ts';
import { checkReplies, checkResumed } from './model/checkReplies.ts';
import { checkStored } from './model/checkStored.ts';
import { checkWoken } from './model/checkWoken.ts';
import { headOf, listedOfCustomer, listedOfLeaf, type ModelHead } from './model/headModel.ts';
import { checkIdentity } from './model/identityModel.ts';
import { readStored, readStoredTable, type Stored, type StoredTable } from './model/storedTable.ts';
import type { Run } from './simulate.ts';

/** Everything that a finished run breaks; empty where all invariants hold. */
export async function checkRun(
  run: Run,
  items: readonly Attributes[],
  changes: readonly ImageChange[],
): Promise<string[]> {
  if (run.surprises.length > 0) return run.surprises;
  const table = readStoredTable(items);
  const facts = changes.flatMap(({ moment, newImage, oldImage }) => {
    const fact = newImage && oldImage === undefined ? readStored(plain(newImage)) : undefined;
    return fact ? [{ moment, fact }] : [];
  });
  return [
    ...checkStored(table.interactions, run.begun, run.acknowledged, run.mails),
    ...checkReplies(table.interactions, run.acknowledged, run.mails),
    ...checkResumed(table.interactions, run.acknowledged, run.mails),
    ...checkIdentity(table, facts),
    ...checkConversations(table, facts),
    ...checkHeads(table, items),
    ...checkFollowUps(table, run),
    ...checkWoken(table.interactions, run.sweptUntilMs),
    ...(await checkVisible(table, items, facts, run)),
    ...(await checkReplay(items)),
  ];
}

/** INV-P by counting: what a head or a customer says is what lies on the timelines. */
function checkHeads({ interactions, nodes }: StoredTable, items: readonly Attributes[]): string[] {
  const violations: string[] = [];
  const byLeaf = Map.groupBy(interactions, ({ leaf }) => leaf);
  const stored = new Map(items.map((item) => [`${item.pk?.S} ${item.sk?.S}`, plain(item)]));
  for (const [leaf, timeline] of byLeaf) {
    const item = stored.get(`L#${leaf} ~h`);
    if (!(item?.content instanceof Uint8Array)) violations.push(`head: ${leaf} has none`);
    else violations.push(...differences(`head of ${leaf}`, decodeHead(item.content), leaf, timeline, listedOfLeaf));
  }
  for (const { epoch, leaf: root, members } of nodes.values()) {
    const timeline = members.flatMap(({ leaf }) => byLeaf.get(leaf) ?? []);
    if (members.length < 2 || timeline.length === 0) continue;
    const item = stored.get(`L#${root} ~c`);
    if (!(item?.content instanceof Uint8Array && item.head instanceof Uint8Array)) {
      violations.push(`customer: ${root} has none`);
      continue;
    }
    const fold = decodeCustomer(root, { epoch: Number(item.epoch), head: item.head, content: item.content });
    if (fold.epoch !== epoch) violations.push(`customer: ${root} was folded at epoch ${fold.epoch}, it is at ${epoch}`);
    violations.push(...differences(`customer ${root}`, fold.head, root, timeline, listedOfCustomer));
  }
  return violations;
}

function differences(
  name: string,
  { byChannel, byType, firstSeenMs, identifiers, lastSeenMs, money, preferences, shown }: Head,
  leaf: string,
  timeline: readonly Stored[],
  listed: readonly number[],
): string[] {
  const told: ModelHead = {
    byType,
    byChannel,
    firstSeenMs,
    lastSeenMs,
    orders: money.EUR?.orders ?? 0,
    revenueMinor: money.EUR?.revenueMinor ?? 0,
    shown: newestFirst(shown.map((one) => idOfOrder(one.leaf ?? leaf, one.order))),
    name: (preferences.name ?? preferences.displayName)?.value,
    identifiers: identifiers.map(({ type, value, trust }) => `${type}:${value} ${trust}`),
  };
  const counted = headOf(timeline, listed);
  const expected = { ...counted, shown: newestFirst(counted.shown) };
  return Object.entries(expected).flatMap(([field, value]) => {
    const [one, other] = [canonical(told[field as keyof ModelHead]), canonical(value)];
    return one === other ? [] : [`${name} says ${field} ${one}, by counting ${other}`];
  });
}

/** A guest's mail and its copy in the conversation have one time and hash, and may be one customer's: which of them comes first is not promised. */
function newestFirst(ids: readonly string[]): string[] {
  const placeOf = (id: string) => `${id.slice(id.indexOf('.') + 2)} ${id}`;
  return [...ids].sort((one, other) => (placeOf(one) < placeOf(other) ? 1 : -1));
}

/** Every missed call has reached the queue of follow-ups. */
function checkFollowUps({ interactions }: StoredTable, { enqueued }: Run): string[] {
  return interactions
    .filter(({ id, type }) => type === 'call.missed' && !enqueued.some(({ occasion }) => occasion === id))
    .map(({ id }) => `follow-up: nobody was told of ${id}`);
}

/** INV-P by the code itself: a fresh replay of timelines and identities gives the same state. */
async function checkReplay(items: readonly Attributes[]): Promise<string[]> {
  const dynamo = createMemoryDynamo();
  const leaves = new Set<string>();
  for (const item of items) {
    if (isDerived(item)) continue;
    const { conversationId: _id, continuity: _reason, continuityMoves: _moves, ...bare } = item;
    dynamo.load(bare);
    if (item.entity?.S === 'interaction') leaves.add(item.pk?.S?.slice(2) ?? '');
  }
  const table = createTable(clientOf(dynamo.execute), 'timeline');
  const timeline = createTimelineStore(table);
  const ports = {
    identities: createIdentityStore(table),
    customers: createCustomerStore(table),
    conversations: createConversationStore(table, timeline),
    timeline,
  };
  const done = new Set<string>();
  for (const leaf of leaves) {
    if (done.has(leaf)) continue;
    for (const one of (await ports.identities.find(leaf)).leaves) done.add(one);
    await refoldCustomer(ports, leaf);
  }
  const [told, replayed] = [stateOf(items), stateOf(dynamo.items())];
  const names = [...new Set([...told.keys(), ...replayed.keys()])].sort();
  return names.flatMap((name) => {
    const [one, other] = [told.get(name) ?? '-', replayed.get(name) ?? '-'];
    return one === other ? [] : [`replay: ${name} is ${one}, replayed ${other}`];
  });
}

function isDerived({ entity, sk }: Attributes): boolean {
  return sk?.S === '~h' || sk?.S === '~c' || entity?.S === 'conversation' || entity?.S === 'message-pointer';
}

/** What readers can see, without versions and stamps. */
function stateOf(items: readonly Attributes[]): Map<string, string> {
  const state = new Map<string, string>();
  const all = items.map(plain);
  const homes = new Map(
    all.flatMap((item) => {
      if (item.entity !== 'interaction') return [];
      const [keyClass, time, hash] = String(item.sk).split('#');
      return [[`${String(item.pk).slice(2)}.${keyClass}${time}.${hash}`, item.conversationId]];
    }),
  );
  const roots = new Set(
    all.flatMap((item) => (item.sk === '~i' && String(item.members ?? '').length > 23 ? [String(item.pk)] : [])),
  );
  for (const item of all) {
    const name = `${item.pk} ${item.sk}`;
    const { awaitedAnchors: _a, newestPosition: _n, triggers: _t, version: _v, ...rest } = item;
    if (item.sk === '~h') state.set(name, canonical(decodeHead(item.content as Uint8Array)));
    else if (item.sk === '~c') {
      if (!roots.has(String(item.pk))) continue;
      const fold = decodeCustomer(String(item.pk), item as never);
      state.set(name, canonical({ ...fold, members: fold.members.map(({ leaf, messages }) => [leaf, messages]) }));
    } else if (item.entity === 'message-pointer') {
      // Readers skip a pointer with whose conversation the message does not agree.
      const [, id = ''] = String(item.sk).split('#');
      if (homes.get(id) === String(item.pk).slice(2)) state.set(name, canonical(rest));
    } else if (item.sk === '~') {
      // A card that lies by itself keeps the name that the customer had when it was moved there.
      const { name: _name, ...own } = rest as Record<string, unknown>;
      state.set(name, canonical(own));
    } else if (String(item.sk).startsWith(leafCardPrefix)) state.set(name, canonical(rest));
    else if (item.entity === 'interaction') state.set(name, canonical([item.conversationId, item.continuity]));
  }
  return state;
}
