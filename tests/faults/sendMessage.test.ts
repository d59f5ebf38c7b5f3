import { beforeAll, describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { foldHead } from '../../shared/customer/head.ts';
import type { CustomerView } from '../../shared/customer/readCustomer.ts';
import type { FollowUpCommand } from '../../shared/follow-up/followUpCommand.ts';
import { type FollowUpClass, playbooks } from '../../shared/follow-up/playbooks.ts';
import { recordConsent } from '../../shared/follow-up/recordConsent.ts';
import { sendFollowUp } from '../../shared/follow-up/sendFollowUp.ts';
import type { SendLedger, SendLedgers } from '../../shared/follow-up/sendLedger.ts';
import type { Leaf } from '../../shared/identity/leaf.ts';
import { placeInteraction } from '../../shared/timeline/placeInteraction.ts';
import { practiceSender } from '../support/practiceSender.ts';
import { beganAtMs, minuteMs, type Played, playSends, type Try, type World } from './playSends.ts';

/* One follow-up, while its customer may be objecting and agreeing on two addresses. */
type Run = Played<FollowUpCommand> & { scenario: Pick<ReturnType<typeof scenarioOf>, 'claims'> };

const purpose = 'service-recovery';

describe.each<FollowUpClass>(['marketing', 'transactional'])('a %s follow-up under faults', (of) => {
  const runs: Run[] = [];

  beforeAll(async () => {
    for (let seed = 0; seed < 400; seed++) {
      runs.push(await playSends(seed * 2 + (of === 'marketing' ? 1 : 0), (world) => scenarioOf(world, of)));
    }
  });

  test('is never sent twice if it is marketing, and a transactional one only where its first try stayed unproven', () => {
    for (const { mails, seed } of runs) {
      const isUnproven = mails.some(({ isProven }) => !isProven);
      expect(mails.length, `seed ${seed}`).toBeLessThanOrEqual(of === 'transactional' && isUnproven ? 2 : 1);
    }
  });

  test('ends with one record: the mail that was sent, or the reason why not', () => {
    for (const run of runs) {
      if (run.deadLettered.length > 0) continue;
      const records = recordsOf(run);
      expect(records, `seed ${run.seed} ${records} ${run.mails.length}`).toHaveLength(1);
      if (records[0] === 'message.sent') expect(run.mails.length, `seed ${run.seed}`).toBeGreaterThan(0);
      if (run.mails.length === 0) expect(records[0], `seed ${run.seed}`).not.toBe('message.sent');
    }
  });

  test('is not sent once the customer objected: not where the last word stored before the claim was an objection', () => {
    for (const { mails, scenario, seed } of runs) {
      for (const { said } of scenario.claims) expect(said.at(-1)?.state, `seed ${seed}`).not.toBe('withdrawn');
      if (mails.length > 0) expect(scenario.claims.length, `seed ${seed}`).toBeGreaterThan(0);
    }
  });

  test('meets every kind of fault, of end and of consent in these runs', () => {
    const met = new Set<string>();
    for (const run of runs) {
      met.add(`${recordsOf(run).join()} ${Math.min(run.mails.length, 1)}`);
      for (const fault of run.faults) met.add(fault);
      for (const { said, unseen } of run.scenario.claims) {
        if (said.some(({ state }) => state === 'withdrawn'))
          met.add('claimed after an agreement that took back an objection');
        if (unseen.some(({ state }) => state === 'withdrawn'))
          met.add('claimed in the gap after the other ledger was read');
      }
    }
    expect([...met].sort()).toEqual(
      expect.arrayContaining([
        'accepted',
        'answer lost',
        'claimed after an agreement that took back an objection',
        'claimed in the gap after the other ledger was read',
        'crashed',
        'follow-up.suppressed:no-address 0',
        'follow-up.suppressed:rejected 0',
        'follow-up.suppressed:unclear 0',
        'follow-up.suppressed:unsubscribed 0',
        'message.sent 1',
        'no address yet',
        'rejected',
        'request lost',
        'throttled',
        'write answer lost',
      ]),
    );
  });
});

function recordsOf({ stored }: Run): string[] {
  return stored.flatMap(({ properties, type }) => {
    if (type === 'message.sent') return [type];
    return type === 'follow-up.suppressed' ? [`${type}:${properties.reason}`] : [];
  });
}

/** What the customer decided on one address. */
interface Decision {
  address: Leaf;
  state: 'granted' | 'withdrawn';
  atMs: number;
}

/** A claim of the send, by what had been stored of the customer's decisions, in the order in which they were made. */
interface SeenClaim {
  /** In the ledger of the address when it was claimed, and in the other when the try read that one last. */
  said: Decision[];
  /** In the other one between that read and the claim: decision 16 gives these up. */
  unseen: Decision[];
}

function scenarioOf(world: World, of: FollowUpClass) {
  const { chance, later, leafOf, newId, random, stored } = world;
  const leaf = leafOf({ type: 'phone', value: '+493090010001' });
  const occasion = place(leaf, 'call.missed', beganAtMs);
  const emails = ['jonas.reuter@example.com', 'jonas@reuter.example'] as const;
  const identified: Interaction = {
    ...place(leaf, 'customer.identified', beganAtMs - minuteMs),
    identifiers: [{ type: 'email', value: emails[0], trust: 'asserted' }],
  };
  const proven: Interaction = {
    ...place(leaf, 'customer.identified', beganAtMs - 2 * minuteMs),
    identifiers: [{ type: 'email', value: emails[1], trust: 'proven' }],
  };
  // While it is sent, an address or a better one may become known, and some still see the customer without it.
  const views = {
    none: viewOf(leaf, [occasion]),
    asserted: viewOf(leaf, [identified, occasion]),
    proven: viewOf(leaf, [proven, identified, occasion]),
  };
  stored.set(occasion.id, occasion);
  const hasAddress = chance(0.9);
  const command: FollowUpCommand = {
    playbook: 'missed-call',
    step: 'apologise',
    occasion: occasion.id,
    customerId: leaf,
  };

  const decisions: Decision[] = [];
  const claims: SeenClaim[] = [];
  const decide = async () => {
    const address = leafOf({ type: 'email', value: emails[chance(0.5) ? 0 : 1] });
    const state = chance(0.5) ? 'granted' : 'withdrawn';
    const atMs = world.nowMs;
    for (let turns = Math.floor(random() * 10); turns > 0; turns--) await Promise.resolve();
    const ledgers: Pick<SendLedgers, 'read' | 'write'> = {
      read: world.ledgers.read,
      write: (leafOfAddress, ledger, version) => {
        if (isCurrent(world, leafOfAddress, version)) decisions.push({ address, state, atMs });
        return world.ledgers.write(leafOfAddress, ledger, version);
      },
    };
    await recordConsent({ ledgers, timeline: world.timeline, newId }, { address, purpose, state }, atMs);
  };
  if (chance(0.6)) {
    for (let left = 1 + Math.floor(random() * 4); left > 0; left--) {
      later(random() * 40 * minuteMs, decide);
    }
  }

  /** The ledgers as one try sees them, noting which decisions it could know when it claims; some are made meanwhile. */
  function watched(meanwhile: Promise<void>[]): SendLedgers {
    const knownAt = new Map<Leaf, number>();
    return {
      ...world.ledgers,
      read: (address) => {
        knownAt.set(address, decisions.length);
        if (chance(0.1)) meanwhile.push(decide());
        return world.ledgers.read(address);
      },
      write: (address, ledger, version) => {
        if (isCurrent(world, address, version) && opens(world.ledgerOf.get(address)?.ledger, ledger)) {
          const stands = (index: number, where: Leaf) => where === address || index < (knownAt.get(where) ?? 0);
          const ordered = decisions.map((decision, index) => ({ ...decision, index })).sort(byTime);
          claims.push({
            said: ordered.filter((decision) => stands(decision.index, decision.address)),
            unseen: ordered.filter(
              (decision) => knownAt.has(decision.address) && !stands(decision.index, decision.address),
            ),
          });
        }
        return world.ledgers.write(address, ledger, version);
      },
    };
  }

  return {
    claims,
    queued: [{ command, delayMs: 0 }],
    steps: 14,
    async carryOut({ met, over, step }: Try) {
      const seen = hasAddress && chance(0.75) ? (chance(0.5) ? 'proven' : 'asserted') : 'none';
      const meanwhile: Promise<void>[] = [];
      const outcome = await sendFollowUp(
        {
          ...over(watched(meanwhile)),
          readCustomer: () => step(async () => views[seen]),
          tokens: { issue: async () => 'token' },
          playbooks: playbooks.map((playbook) => ({ ...playbook, class: of })),
          sender: practiceSender,
          leafOf,
          newId,
          clock: () => world.nowMs,
        },
        command,
      ).finally(() => Promise.all(meanwhile));
      if (hasAddress && seen === 'none' && outcome.kind === 'waiting') met('no address yet');
      return outcome;
    },
  };
}

/** Whether a write under this version is going to succeed. */
function isCurrent({ ledgerOf }: World, address: Leaf, version: number): boolean {
  return (ledgerOf.get(address)?.version ?? 0) === version;
}

/** Whether a write claims the send, for the first or a second time. */
function opens(before: SendLedger | undefined, after: SendLedger): boolean {
  return Object.entries(after.entries).some(([key, { state }]) => {
    const earlier = before?.entries[key]?.state;
    return (state === 'claimed' && earlier === undefined) || (state === 'retried' && earlier !== 'retried');
  });
}

/** Of one moment the objection holds. */
function byTime(one: Decision, other: Decision): number {
  return one.atMs - other.atMs || (one.state === other.state ? 0 : one.state === 'withdrawn' ? 1 : -1);
}

function viewOf(leaf: string, interactions: readonly Interaction[]): CustomerView {
  const fold = foldHead(undefined, interactions);
  if (fold.kind !== 'folded') throw new Error('the customer was not folded');
  return { customerId: leaf, leaves: [leaf], head: fold.head, cards: [], emails: [], apart: [], isCurrent: true };
}

function place(home: string, type: string, atMs: number): Interaction {
  const { interaction } = placeInteraction(
    {
      home,
      messageId: `${type}-${atMs}`,
      clientTimeMs: atMs,
      type,
      channel: 'voice',
      direction: 'inbound',
      source: 'practice',
      touchpoint: 'phone',
      trust: 'asserted',
      identifiers: [],
      properties: {},
    },
    { newId: () => 'made-id', receivedAtMs: atMs },
  );
  return interaction;
}
