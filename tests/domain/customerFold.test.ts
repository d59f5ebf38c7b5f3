import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ConversationCard } from '../../shared/conversation/conversationCard.ts';
import { decodeCustomer, encodeCustomer } from '../../shared/customer/customerContent.ts';
import { type CustomerFold, mergeMemberHeads, messageCount } from '../../shared/customer/customerFold.ts';
import { type Head, headOf, mergeHeads } from '../../shared/customer/head.ts';
import { dayMs, interaction, minuteMs, mondayMs, said } from '../support/leafInteractions.ts';
import { newLeaf } from '../support/timelineMessages.ts';

const leaves = ['account', 'mailbox', 'number', 'visitor'].map((name) => newLeaf(name));

function headFrom(leaf: string, count: number, offset: number): Head {
  const interactions = Array.from({ length: count }, (_, index) =>
    index % 3 === 0
      ? said(`m${offset}-${index}`, mondayMs + offset + index * minuteMs, { leaf })
      : interaction({
          leaf,
          messageId: `v${offset}-${index}`,
          occurredAtMs: mondayMs + offset + index * dayMs,
          identifiers: [{ type: 'anonymousId', value: `browser-${offset}`, trust: 'claimed' }],
        }),
  );
  const [first, ...others] = interactions.map(headOf);
  if (first === undefined) throw new Error('a head of something');
  return others.reduce(mergeHeads, first);
}

const members = fc
  .tuple(
    fc.subarray(leaves, { minLength: 1 }),
    fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 4, maxLength: 4 }),
  )
  .map(([some, counts]) =>
    some.map((leaf, index) => ({ leaf, head: headFrom(leaf, counts[index] ?? 1, leaves.indexOf(leaf) * 7) })),
  );

function card(conversationId: string, text: string): ConversationCard {
  return {
    conversationId,
    customerId: leaves[0] ?? '',
    status: 'open',
    channel: 'email',
    subject: `About ${text}`,
    endedWith: { text, by: 'customer', at: '2026-03-02T09:00:00.000Z', channel: 'email' },
    owes: 'us',
    waitingSince: '2026-03-02T09:00:00.000Z',
  };
}

describe('the heads of a customer as one', () => {
  test('do not depend on the order of the leaves', () => {
    fc.assert(
      fc.property(members, fc.infiniteStream(fc.nat()), (some, ranks) => {
        const shuffled = some
          .map((member) => ({ member, rank: ranks.next().value }))
          .sort((one, other) => one.rank - other.rank)
          .map(({ member }) => member);
        expect(mergeMemberHeads(shuffled)).toEqual(mergeMemberHeads(some));
      }),
      { numRuns: 50 },
    );
  });

  test('count what each counts, show the ten newest with their leaves and remember nothing', () => {
    const [account = '', mailbox = ''] = leaves;
    const merged = mergeMemberHeads([
      { leaf: account, head: headFrom(account, 9, 0) },
      { leaf: mailbox, head: headFrom(mailbox, 9, 1) },
    ]);
    expect(merged?.byType).toEqual({ 'message.received': 6, 'page.viewed': 12 });
    expect(messageCount(merged)).toBe(6);
    expect(merged?.shown).toHaveLength(10);
    expect(new Set(merged?.shown.map(({ leaf }) => leaf))).toEqual(new Set([account, mailbox]));
    expect(merged?.remembered).toEqual([]);
    expect(merged).not.toHaveProperty('mark');
  });

  test('are nothing where no leaf has one', () => {
    expect(mergeMemberHeads([])).toBeUndefined();
    expect(messageCount(undefined)).toBe(0);
  });

  test('list of browsers the first five, of everything else all that one customer may have', () => {
    const listed = Array.from({ length: 8 }, (_, index) => ({
      leaf: newLeaf(`l${index}`),
      head: headFrom('x'.repeat(22), 2, index),
    }));
    expect(mergeMemberHeads(listed)?.identifiers.map(({ value }) => value)).toEqual([
      'browser-0',
      'browser-1',
      'browser-2',
      'browser-3',
      'browser-4',
    ]);
  });
});

describe('a customer', () => {
  const foldOf = (some: { leaf: string; head: Head }[], texts: string[]): CustomerFold => {
    const head = mergeMemberHeads(some);
    const ids = head?.shown.map(({ leaf, order }) => `${leaf}.E${order.slice(0, -1).replace('#', '.')}`) ?? [];
    if (head === undefined) throw new Error('a head');
    return {
      epoch: 7,
      members: some.map(({ leaf }, index) => ({ leaf, version: index + 1, messages: index })),
      head,
      cards: texts.slice(0, ids.length).map((text, index) => card(ids[index] ?? '', text)),
    };
  };

  test('is stored and read back as it was', () => {
    fc.assert(
      fc.property(members, fc.array(fc.string({ maxLength: 100 }), { maxLength: 5 }), (some, texts) => {
        const fold = foldOf(some, texts);
        expect(decodeCustomer(leaves[0] ?? '', encodeCustomer(fold))).toEqual(fold);
      }),
      { numRuns: 50 },
    );
  });

  test('is cut to what three write units hold, and is the same when it is stored again', () => {
    fc.assert(
      fc.property(
        members,
        fc.array(fc.string({ unit: 'grapheme', minLength: 100, maxLength: 160 }), { maxLength: 5 }),
        (some, texts) => {
          const first = encodeCustomer(foldOf(some, texts));
          expect(first.head.byteLength + first.content.byteLength).toBeLessThanOrEqual(2850);
          const again = encodeCustomer(decodeCustomer(leaves[0] ?? '', first));
          expect(Buffer.compare(again.content, first.content)).toBe(0);
          expect(Buffer.compare(again.head, first.head)).toBe(0);
        },
      ),
      { numRuns: 50 },
    );
  });

  test('that is malformed is refused, not guessed', () => {
    const content = encodeCustomer(foldOf([{ leaf: leaves[0] ?? '', head: headFrom(leaves[0] ?? '', 3, 0) }], ['x']));
    expect(() => decodeCustomer('x', { ...content, content: content.head })).toThrow();
  });
});
