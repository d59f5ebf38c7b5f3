import { describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { foldCustomer, refoldCustomer } from '../../shared/customer/foldCustomer.ts';
import type { Member } from '../../shared/identity/identityNode.ts';
import { createTimelineTable, startTestEngine } from '../support/engine.ts';
import { family, missedCall } from '../support/families.ts';
import { dayMs, hourMs, interaction, mondayMs, said } from '../support/leafInteractions.ts';
import { createCustomerProjection } from '../support/linkedCustomer.ts';
import { createMeteredTable } from '../support/meteredTable.ts';
import { itemOf } from '../support/projection.ts';
import { newLeaf } from '../support/timelineMessages.ts';

const engine = await startTestEngine();
await createTimelineTable(engine.endpoint, 'timeline');
const table = createMeteredTable(engine, 'timeline');
const projection = createCustomerProjection(table);

async function happened(...interactions: Interaction[]): Promise<void> {
  await projection.store(interactions);
  expect(await projection.deliver(interactions)).toEqual([]);
}

describe('follow-ups', () => {
  test('are enqueued for every trigger of a batch, for a leaf that is alone and for the customer of a linked one', async () => {
    const [account, number, visitor] = family();
    await projection.link(account, number);
    await happened(
      missedCall(number.leaf, 'CA1'),
      interaction({ leaf: number.leaf, messageId: 'view' }),
      missedCall(number.leaf, 'CA2'),
      missedCall(visitor.leaf, 'CA3'),
    );
    projection.enqueued.splice(0);
    await projection.settle();
    expect(projection.enqueued.map(({ playbook, step, customerId }) => [playbook, step, customerId]).sort()).toEqual([
      ['missed-call', 'apologise', account.leaf],
      ['missed-call', 'apologise', account.leaf],
      ['missed-call', 'apologise', visitor.leaf],
    ]);
    expect(projection.enqueued.map(({ occasion }) => occasion)).toContain(missedCall(visitor.leaf, 'CA3').id);
  });

  test('are enqueued again where the queue failed, and the others go on', async () => {
    const [account, number] = family();
    await happened(missedCall(account.leaf, 'CA1'), missedCall(number.leaf, 'CA2'));
    const changes = projection.untold.splice(0);
    const refusing = createCustomerProjection(table);
    refusing.enqueued.push = (...commands) => {
      if (commands.some(({ customerId }) => customerId === account.leaf)) throw new Error('the queue is full');
      return commands.length;
    };
    const failed = await refusing.decide(changes);
    const ofAccount = changes.filter(({ newImage }) => newImage?.pk === `L#${account.leaf}`);
    expect(failed.map(({ sequenceNumber }) => sequenceNumber)).toEqual([ofAccount[0]?.sequenceNumber]);
    projection.enqueued.splice(0);
    expect(await projection.decide(changes)).toEqual([]);
    expect(projection.enqueued).toHaveLength(2);
  });

  test('come of no operator’s replay', async () => {
    const [account] = family();
    await happened(missedCall(account.leaf, 'CA1'));
    await projection.settle();
    projection.enqueued.splice(0);
    await refoldCustomer(projection, account.leaf);
    await projection.settle();
    expect(projection.enqueued).toEqual([]);
  });
});

describe('a batch', () => {
  test('is nothing to it where it tells of neither heads nor nodes', async () => {
    const [account] = family();
    const view = interaction({ leaf: account.leaf, messageId: 'view' });
    table.reset();
    expect(await projection.decide([{ sequenceNumber: '1', newImage: itemOf(view), oldImage: undefined }])).toEqual([]);
    expect(table.calls).toEqual([]);
  });

  test('costs one read unit for a leaf that is alone, and no write', async () => {
    const [account] = family();
    await happened(said('Hello', mondayMs, { leaf: account.leaf }));
    table.reset();
    await projection.settle();
    expect(table.calls).toEqual([{ command: 'QueryCommand', readUnits: 1, writeUnits: 0 }]);
  });

  test('of a view folds a linked customer without reading a message: one write', async () => {
    const [account, number, visitor] = family();
    await happened(said('Hello', mondayMs, { leaf: visitor.leaf }), said('Hello?', mondayMs, { leaf: number.leaf }));
    await projection.link(account, visitor);
    await projection.link(account, number);
    await happened(interaction({ leaf: visitor.leaf, messageId: 'first', occurredAtMs: mondayMs + hourMs }));
    await projection.settle();
    await happened(interaction({ leaf: visitor.leaf, messageId: 'view', occurredAtMs: mondayMs + dayMs }));
    table.reset();
    await projection.settle();
    // Which tree it is: the leaf, and its root twice. What the head of each leaf says: three.
    const reads = Array.from({ length: 6 }, () => 'QueryCommand');
    expect(table.calls.map(({ command }) => command)).toEqual([...reads, 'PutItemCommand']);
    expect(table.calls.reduce((sum, { writeUnits = 0 }) => sum + writeUnits, 0)).toBeLessThanOrEqual(3);
  });

  test('that tells what is folded already writes nothing', async () => {
    const [account, , visitor] = family();
    await happened(said('Hello', mondayMs, { leaf: visitor.leaf }));
    await projection.link(account, visitor);
    const changes = [...projection.untold];
    await projection.settle();
    table.reset();
    expect(await projection.decide(changes)).toEqual([]);
    expect(table.calls.every(({ writeUnits }) => writeUnits === 0)).toBe(true);
  });
});

describe('a customer', () => {
  test('who is linked to nothing is left alone', async () => {
    const [account] = family();
    await happened(said('Hello', mondayMs, { leaf: account.leaf }));
    expect(await foldCustomer(projection, account.leaf, { heads: new Map(), isDoubtful: true })).toBe('alone');
  });

  test('is written within three units, whatever was said in whatever script', async () => {
    const members: Member[] = Array.from({ length: 20 }, (_, index) => ({
      leaf: newLeaf(`shared-browser-${index}`),
      type: 'anonymousId',
    }));
    const [account] = family();
    for (const [index, { leaf }] of members.entries()) {
      const text = Array.from({ length: 200 }, (_, at) => String.fromCodePoint(0x4e00 + at * 37 + index * 911)).join(
        '',
      );
      await happened(
        said(`question ${index}`, mondayMs + index * 20 * dayMs, {
          leaf,
          text,
          channel: 'email',
          properties: { subject: text.slice(50, 190) },
          identifiers: [{ type: 'anonymousId', value: `9b2f-${leaf}-${index}`, trust: 'claimed' }],
        }),
      );
    }
    for (const member of members) await projection.link(account, member, mondayMs + 500 * dayMs);
    table.reset();
    await projection.settle();
    const item = await table.get({ pk: `L#${account.leaf}`, sk: '~c' });
    const { head, content } = item as unknown as { head: Uint8Array; content: Uint8Array };
    expect(head.byteLength + content.byteLength).toBeLessThanOrEqual(2850);
    const { customer } = await projection.customers.readState(account.leaf);
    expect(customer?.fold.cards.length).toBeGreaterThan(0);
    expect(customer?.fold.members).toHaveLength(21);
  }, 60_000);
});
