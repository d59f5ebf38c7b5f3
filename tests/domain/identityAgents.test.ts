import { describe, expect, test } from 'vitest';
import { conflictedFact } from '../../shared/identity/identityFacts.ts';
import type { RootNode } from '../../shared/identity/identityNode.ts';
import { createIdentityStore } from '../../shared/identity/identityStore.ts';
import { type AgentStatement, linkIdentifiers, unlinkIdentifiers } from '../../shared/identity/linkByAgent.ts';
import { provenLeaves } from '../../shared/identity/provenLeaves.ts';
import type { Table } from '../../shared/platform/table.ts';
import { fromInteractionItem } from '../../shared/timeline/interactionItem.ts';
import type { Placement } from '../../shared/timeline/placeInteraction.ts';
import { link, member, nodesOf, statedAtMs } from '../support/identityTrees.ts';
import { createMemoryTable, type MemoryTable } from '../support/memoryTable.ts';
import { testLeafOf } from '../support/projection.ts';

const lena = { type: 'userId', value: 'cust-17' } as const;
const address = { type: 'email', value: 'lena@example.com' } as const;

/** An agent's desk on a table of its own. */
function createDesk() {
  const table = createMemoryTable();
  const identities = createIdentityStore(table as MemoryTable & Table, async () => {});
  const recorded: Placement[] = [];
  const timeline = {
    append: async (placement: Placement) => {
      recorded.push(placement);
      return { id: placement.interaction.id, duplicate: false };
    },
  };
  const ports = { identities, timeline, leafOf: testLeafOf };
  const facts = () => [...table.items.values()].flatMap((item) => fromInteractionItem(item) ?? []);
  return { table, identities, recorded, ports, facts };
}

const says = (fields: Partial<AgentStatement> = {}): AgentStatement => ({
  a: lena,
  b: address,
  agent: 'reception',
  evidence: 'request-1',
  statedAtMs,
  ...fields,
});

describe('an agent', () => {
  test('links two identifiers: proven, with name and words on the timeline', async () => {
    const { facts, identities, ports } = createDesk();
    expect(await linkIdentifiers(ports, says({ reason: 'she told me' }))).toEqual({
      kind: 'linked',
      root: testLeafOf(lena),
    });
    expect((await identities.find(testLeafOf(address))).leaves).toEqual([testLeafOf(lena), testLeafOf(address)]);
    expect(facts()).toMatchObject([
      {
        type: 'identity.linked',
        trust: 'proven',
        text: 'Linked: userId and email are one customer, says reception: she told me',
        properties: { reason: 'confirmed-by-agent', statedBy: 'reception', evidence: 'request-1', note: 'she told me' },
      },
    ]);
  });

  test('separates them again, and both timelines say so', async () => {
    const { facts, identities, ports } = createDesk();
    await linkIdentifiers(ports, says());
    const separation = says({ a: address, b: lena, evidence: 'request-2', reason: 'her sister' });
    expect(await unlinkIdentifiers(ports, separation)).toEqual({
      kind: 'unlinked',
      root: testLeafOf(address),
      from: testLeafOf(lena),
    });
    expect((await identities.find(testLeafOf(address))).leaves).toEqual([testLeafOf(address)]);
    const told = facts().filter(({ type }) => type === 'identity.unlinked');
    expect(told.map(({ id }) => id.slice(0, 22)).sort()).toEqual([testLeafOf(lena), testLeafOf(address)].sort());
    expect(told[0]?.text).toBe('Separated: email and userId are two customers, says reception: her sister');
  });

  test('who says the same again is answered the same, and changes nothing, whatever was done since', async () => {
    const { ports, table } = createDesk();
    await linkIdentifiers(ports, says());
    const separation = says({ evidence: 'request-2' });
    const first = await unlinkIdentifiers(ports, separation);
    expect(await unlinkIdentifiers(ports, separation)).toEqual(first);
    expect(await linkIdentifiers(ports, says({ evidence: 'request-3' }))).toMatchObject({ kind: 'linked' });
    const before = structuredClone(table.items);
    expect(await unlinkIdentifiers(ports, separation)).toMatchObject({ kind: 'unlinked', root: testLeafOf(lena) });
    expect(table.items).toEqual(before);
  });

  test('keeps two apart who never were one, and only an agent’s link of just these two lifts that', async () => {
    const { identities, ports, recorded } = createDesk();
    expect(await unlinkIdentifiers(ports, says())).toMatchObject({ kind: 'already' });
    const [user, email] = [
      { leaf: testLeafOf(lena), type: 'userId' },
      { leaf: testLeafOf(address), type: 'email' },
    ] as const;
    expect(await identities.link(link(user, email))).toMatchObject({ kind: 'conflicted', reason: 'blocked' });
    const visitor = { type: 'anonymousId', value: 'v1' } as const;
    await linkIdentifiers(ports, says({ b: visitor, evidence: 'request-2' }));
    const around = says({ a: address, b: visitor, evidence: 'request-3' });
    expect(await linkIdentifiers(ports, around)).toMatchObject({ kind: 'conflicted', reason: 'blocked' });
    expect(recorded).toEqual([
      conflictedFact(
        {
          ...link(email, { leaf: testLeafOf(visitor), type: 'anonymousId' }),
          trust: 'proven',
          reason: 'confirmed-by-agent',
          statedBy: 'reception',
          evidence: 'request-3',
          lifts: true,
        },
        'blocked',
      ),
    ]);
    expect(await linkIdentifiers(ports, says({ evidence: 'request-4' }))).toMatchObject({ kind: 'linked' });
  });

  test('cannot link what programs send instead of an identifier, nor one to itself', async () => {
    const { ports, table } = createDesk();
    expect(await linkIdentifiers(ports, says({ a: { type: 'userId', value: 'null' } }))).toEqual({
      kind: 'refused',
      reason: 'junk',
    });
    expect(await linkIdentifiers(ports, says({ a: address }))).toEqual({ kind: 'refused', reason: 'same' });
    expect(await unlinkIdentifiers(ports, says({ a: address }))).toEqual({ kind: 'refused', reason: 'same' });
    expect(table.items.size).toBe(0);
  });

  test('attaches a call without a number: it counts as anonymous, below whatever it is linked to', async () => {
    const { ports, table } = createDesk();
    const call = { type: 'externalId', value: 'call:twilio:CA1' } as const;
    await linkIdentifiers(ports, says({ a: call, b: { type: 'anonymousId', value: 'v1' } }));
    await linkIdentifiers(ports, says({ a: call, b: address, evidence: 'request-2' }));
    const root = nodesOf(table.items.values()).get(testLeafOf(address));
    expect(root?.kind === 'root' && root.members.find(({ leaf }) => leaf === testLeafOf(call))?.type).toBe(
      'anonymousId',
    );
  });
});

describe('what a customer may see', () => {
  const [user, email, phone, browser, other] = [
    member('userId', 1),
    member('email', 1),
    member('phone', 1),
    member('anonymousId', 1),
    member('anonymousId', 2),
  ];
  const root: RootNode = {
    kind: 'root',
    epoch: 4,
    members: [user, email, phone, browser],
    edges: [
      [user.leaf, browser.leaf, 'proven'],
      [user.leaf, email.leaf, 'asserted'],
      [email.leaf, phone.leaf, 'proven'],
    ].map(([a, b, trust]) => [a, b, trust] as RootNode['edges'][number]),
    blocks: [],
    overflowEpoch: 4,
    overflow: { epoch: 4, members: [other], edges: [[other.leaf, user.leaf, 'proven']] },
  };

  test('is what proven edges join, also with browsers beyond the limits', () => {
    expect(provenLeaves(root, browser.leaf).sort()).toEqual([user.leaf, browser.leaf, other.leaf].sort());
  });

  test('is nothing of a mailbox that was only registered for the account', () => {
    expect(provenLeaves(root, user.leaf)).not.toContain(email.leaf);
    expect(provenLeaves(root, email.leaf).sort()).toEqual([email.leaf, phone.leaf].sort());
  });

  test('is the own leaf where nothing is proven', () => {
    const stranger = member('anonymousId', 3);
    expect(provenLeaves(root, stranger.leaf)).toEqual([stranger.leaf]);
  });
});
