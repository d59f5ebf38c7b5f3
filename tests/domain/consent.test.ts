import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { headOf, mergeHeads } from '../../shared/customer/head.ts';
import { type ConsentRecord, consentOf, mergeConsents, purposesIn } from '../../shared/follow-up/consentOf.ts';
import { type ConsentDecision, recordConsent } from '../../shared/follow-up/recordConsent.ts';
import { emptyLedger, type ReadLedger } from '../../shared/follow-up/sendLedger.ts';
import { createIdentityStore } from '../../shared/identity/identityStore.ts';
import type { Table } from '../../shared/platform/table.ts';
import { link, member, unlink } from '../support/identityTrees.ts';
import { createMemoryTable, type MemoryTable } from '../support/memoryTable.ts';

const purpose = 'reminders';
const withdrawn = (atMs: number): ConsentRecord => ({ unsubscribed: { [purpose]: atMs }, granted: {} });
const granted = (atMs: number): ConsentRecord => ({ unsubscribed: {}, granted: { [purpose]: { atMs } } });

describe('what holds for a customer', () => {
  test.each<[string, ConsentRecord[], unknown]>([
    ['nobody decided anything', [], undefined],
    ['nobody decided anything on any address', [{ unsubscribed: {}, granted: {} }], undefined],
    ['an objection', [withdrawn(5)], { state: 'withdrawn', atMs: 5 }],
    ['an agreement', [granted(5)], { state: 'granted', atMs: 5 }],
    ['an objection on another address', [granted(4), withdrawn(5)], { state: 'withdrawn', atMs: 5 }],
    ['a later agreement on another address', [granted(6), withdrawn(5)], { state: 'granted', atMs: 6 }],
    ['of one moment the objection', [granted(5), withdrawn(5)], { state: 'withdrawn', atMs: 5 }],
    ['the last of several objections', [withdrawn(7), granted(6), withdrawn(5)], { state: 'withdrawn', atMs: 7 }],
    ['the last of several agreements', [granted(9), withdrawn(6), granted(5)], { state: 'granted', atMs: 9 }],
  ])('%s', (_, records, holds) => {
    expect(consentOf(records, purpose)).toEqual(holds);
  });

  test('a decision about one purpose says nothing about another', () => {
    const records: ConsentRecord[] = [withdrawn(5), { unsubscribed: {}, granted: { surveys: { atMs: 6 } } }];
    expect(consentOf(records, 'reminders')).toEqual({ state: 'withdrawn', atMs: 5 });
    expect(consentOf(records, 'surveys')).toEqual({ state: 'granted', atMs: 6 });
    expect(consentOf(records, 'offers')).toBeUndefined();
    expect(purposesIn(records.reduce((one, other) => mergeConsents(one, other)))).toEqual(['reminders', 'surveys']);
  });
});

const mailboxes = ['one', 'two', 'three'].map((name) => member('email', name));
const [account, phone] = [member('userId', 'lena'), member('phone', 'home')];
const members = [account, ...mailboxes, phone] as const;

/** Decisions of few mailboxes at few moments, so that many fall together. */
const decision = fc.record({
  address: fc.constantFrom(...mailboxes.map(({ leaf }) => leaf)),
  state: fc.constantFrom('granted' as const, 'withdrawn' as const),
  purpose: fc.constantFrom('reminders', 'surveys'),
  atMs: fc.integer({ min: 1, max: 12 }),
});
type Decided = typeof decision extends fc.Arbitrary<infer T> ? T : never;

/** The same decisions in another order, some of them several times. */
const arrivals = fc.array(decision, { maxLength: 12 }).chain((decisions) =>
  fc.array(fc.constantFrom(...(decisions.length > 0 ? decisions : [undefined])), { maxLength: 6 }).chain((again) => {
    const all = [...decisions, ...again.filter((one) => one !== undefined)];
    return fc.shuffledSubarray(all, { minLength: all.length }).map((order) => ({ decisions, order }));
  }),
);

/** The rule in other words: the last decision of all these addresses, an objection after an agreement of its moment. */
function lastWord(decisions: readonly Decided[], addresses: readonly string[], about: string) {
  const rank = ({ atMs, state }: Decided) => 2 * atMs + (state === 'withdrawn' ? 1 : 0);
  const last = decisions
    .filter((one) => one.purpose === about && addresses.includes(one.address))
    .sort((one, other) => rank(one) - rank(other))
    .at(-1);
  return last && { state: last.state, atMs: last.atMs };
}

function createWorld() {
  const ledgers = new Map<string, ReadLedger>();
  const stored = new Map<string, Interaction>();
  const ledgerOf = (address: string) => ledgers.get(address)?.ledger ?? emptyLedger;
  const ports = {
    ledgers: {
      read: async (address: string) => ledgers.get(address) ?? { ledger: emptyLedger, version: 0 },
      write: async (address: string, ledger: ReadLedger['ledger'], version: number) => {
        if ((ledgers.get(address)?.version ?? 0) !== version) return false;
        ledgers.set(address, { ledger, version: version + 1 });
        return true;
      },
    },
    timeline: {
      append: async ({ interaction }: { interaction: Interaction }) => {
        const duplicate = stored.has(interaction.id);
        if (!duplicate) stored.set(interaction.id, interaction);
        return { id: interaction.id, duplicate };
      },
    },
    newId: () => 'made-id',
  };
  return {
    stored,
    ledgerOf,
    record: (what: ConsentDecision, atMs: number) => recordConsent(ports, what, atMs),
    /** What the timelines of these leaves fold to. */
    consentsOn: (leaves: readonly string[]) => {
      const interactions = [...stored.values()].filter(({ id }) => leaves.some((leaf) => id.startsWith(leaf)));
      const [first, ...others] = interactions.map(headOf);
      return first && others.reduce(mergeHeads, first).consents;
    },
  };
}

describe('decisions of several addresses', () => {
  test('hold for whoever is one customer, whatever the order, repetitions, links and unlinks; then each has its own', async () => {
    const pair = fc.record({
      isLink: fc.boolean(),
      ends: fc.shuffledSubarray([...members], { minLength: 2, maxLength: 2 }),
    });
    await fc.assert(
      fc.asyncProperty(arrivals, fc.array(pair, { maxLength: 8 }), async ({ decisions, order }, changes) => {
        const world = createWorld();
        const table = createMemoryTable() as MemoryTable & Table;
        const identities = createIdentityStore(table, async () => {});
        for (const { atMs, ...what } of order) await world.record(what, atMs);
        for (const [index, { ends, isLink }] of changes.entries()) {
          const [a = account, b = phone] = ends;
          await (isLink
            ? identities.link(link(a, b))
            : identities.unlink(unlink(a, b, { evidence: `request-${index}` })));
        }
        for (const { leaf } of members) {
          const { leaves } = await identities.find(leaf);
          for (const about of ['reminders', 'surveys']) {
            const expected = lastWord(decisions, leaves, about);
            expect(consentOf(leaves.map(world.ledgerOf), about)).toEqual(expected);
            const told = world.consentsOn(leaves);
            expect(told && consentOf([told], about)).toEqual(expected);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  test('give the same ledger and the same timeline whatever their order and however often they come', async () => {
    await fc.assert(
      fc.asyncProperty(arrivals, async ({ decisions, order }) => {
        const [straight, shuffled] = [createWorld(), createWorld()];
        const byTime = decisions.toSorted((one, other) => one.atMs - other.atMs);
        for (const { atMs, ...what } of byTime) await straight.record(what, atMs);
        for (const { atMs, ...what } of order) await shuffled.record(what, atMs);
        for (const { leaf } of mailboxes) {
          expect(shuffled.ledgerOf(leaf)).toEqual(straight.ledgerOf(leaf));
          expect(shuffled.consentsOn([leaf])).toEqual(straight.consentsOn([leaf]));
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('a recorded decision', () => {
  const [mailbox] = mailboxes as [(typeof mailboxes)[0]];
  const told = { address: mailbox.leaf, purpose, shown: 'I would like to get reminders again.' };

  test('that agrees is proven, says what was shown, and is the evidence in the ledger', async () => {
    const world = createWorld();
    expect(await world.record({ ...told, state: 'granted' }, 7)).toEqual({ state: 'granted', atMs: 7 });
    const [interaction] = [...world.stored.values()];
    expect(interaction).toMatchObject({
      type: 'consent.granted',
      occurredAt: '1970-01-01T00:00:00.007Z',
      trust: 'proven',
      channel: 'email',
      direction: 'inbound',
      source: 'platform',
      properties: { purpose, evidence: 'unsubscribe-link', shown: 'I would like to get reminders again.' },
    });
    expect(world.ledgerOf(mailbox.leaf).granted).toEqual({ reminders: { atMs: 7, evidence: interaction?.id } });
  });

  test('that comes late changes nothing and is told what holds', async () => {
    const world = createWorld();
    await world.record({ ...told, state: 'withdrawn' }, 7);
    expect(await world.record({ ...told, state: 'granted' }, 6)).toEqual({ state: 'withdrawn', atMs: 7 });
    expect(consentOf([world.ledgerOf(mailbox.leaf)], purpose)).toEqual({ state: 'withdrawn', atMs: 7 });
  });

  test('counts again at its own time: another address may have decided otherwise meanwhile', async () => {
    const world = createWorld();
    const other = { ...told, address: mailboxes[1]?.leaf ?? '' };
    await world.record({ ...told, state: 'withdrawn' }, 5);
    await world.record({ ...other, state: 'granted' }, 6);
    await world.record({ ...told, state: 'withdrawn' }, 7);
    const ledgers = [world.ledgerOf(told.address), world.ledgerOf(other.address)];
    expect(consentOf(ledgers, purpose)).toEqual({ state: 'withdrawn', atMs: 7 });
  });

  test('of a server or an agent is no agreement of the customer, but an objection all the same', async () => {
    const world = createWorld();
    await world.record({ ...told, state: 'granted' }, 5);
    const [interaction] = [...world.stored.values()] as [Interaction];
    expect(headOf({ ...interaction, trust: 'asserted' }).consents).toEqual({ unsubscribed: {}, granted: {} });
    const objected = headOf({ ...interaction, type: 'consent.withdrawn', trust: 'asserted' });
    expect(objected.consents).toEqual({ unsubscribed: { reminders: 5 }, granted: {} });
  });
});
