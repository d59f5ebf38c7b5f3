import { MessageRejected, SESClient, SESServiceException, type SendRawEmailCommandInput } from '@aws-sdk/client-ses';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { foldHead } from '../../shared/customer/head.ts';
import type { CustomerView } from '../../shared/customer/readCustomer.ts';
import type { SendOutcome } from '../../shared/follow-up/claimAndSend.ts';
import { parseDeliveryEvent } from '../../shared/follow-up/deliveryEvent.ts';
import type { FollowUpCommand } from '../../shared/follow-up/followUpCommand.ts';
import { createMailerStore } from '../../shared/follow-up/mailerStore.ts';
import { type FollowUpClass, playbooks } from '../../shared/follow-up/playbooks.ts';
import { receiveDeliveryEvent } from '../../shared/follow-up/receiveDeliveryEvent.ts';
import { type SendFollowUpPorts, sendFollowUp } from '../../shared/follow-up/sendFollowUp.ts';
import {
  emptyLedger,
  type FixedAddress,
  type ReadLedger,
  type SendLedgers,
} from '../../shared/follow-up/sendLedger.ts';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import { placeInteraction } from '../../shared/timeline/placeInteraction.ts';
import type { Timeline } from '../../shared/timeline/timeline.ts';
import { seededRandom } from '../support/seeded.ts';

/*
 * One follow-up, delivered by a queue that repeats itself, to functions that die anywhere, over a table that loses
 * answers, through a mail service that does too. The mail service counts for itself what it took.
 */
const minuteMs = 60_000;
const visibilityMs = 3 * minuteMs;
const mostReceives = 20;
const beganAtMs = Date.UTC(2026, 2, 2, 9, 42);

describe.each<FollowUpClass>(['marketing', 'transactional'])('a %s follow-up under faults', (of) => {
  const runs: (Played & { seed: number })[] = [];

  beforeAll(async () => {
    for (let seed = 0; seed < 400; seed++) runs.push({ seed, ...(await play(of, seed)) });
  });

  test('is never sent twice if it is marketing, and a transactional one only where its first try stayed unproven', () => {
    for (const { accepted, seed, unproven } of runs) {
      const most = of === 'transactional' && unproven > 0 ? 2 : 1;
      expect(accepted, `seed ${seed}`).toBeLessThanOrEqual(most);
    }
  });

  test('ends with one record: the mail that was sent, or the reason why not', () => {
    for (const { accepted, deadLettered, records, seed } of runs) {
      if (deadLettered) continue;
      expect(records, `seed ${seed} ${records} ${accepted}`).toHaveLength(1);
      if (records[0] === 'message.sent') expect(accepted, `seed ${seed}`).toBeGreaterThan(0);
      if (accepted === 0) expect(records[0], `seed ${seed}`).not.toBe('message.sent');
    }
  });

  test('meets every kind of fault and of end in these runs', () => {
    const ends = new Set<string>();
    for (const { accepted, faults, records } of runs) {
      ends.add(`${records.join()} ${Math.min(accepted, 1)}`);
      for (const fault of faults) ends.add(fault);
    }
    expect([...ends].sort()).toEqual(
      expect.arrayContaining([
        'accepted',
        'answer lost',
        'crashed',
        'follow-up.suppressed:no-address 0',
        'follow-up.suppressed:rejected 0',
        'follow-up.suppressed:unclear 0',
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

interface Played {
  /** Mails that the service took. */
  accepted: number;
  /** Mails that it took without anything proving it within 15 minutes. */
  unproven: number;
  records: string[];
  deadLettered: boolean;
  faults: Set<string>;
}

async function play(of: FollowUpClass, seed: number): Promise<Played> {
  const random = seededRandom(seed * 2 + (of === 'marketing' ? 1 : 0));
  const chance = (probability: number) => random() < probability;
  const faults = new Set<string>();
  const world = createWorld();
  const hasAddress = chance(0.9);
  let accepted = 0;
  let unproven = 0;
  /** What is still to happen, by time. */
  const agenda: { atMs: number; run: () => Promise<void> }[] = [];
  const later = (delayMs: number, run: () => Promise<void>) =>
    agenda.push({ atMs: world.nowMs + Math.floor(delayMs), run });

  const service = (input: SendRawEmailCommandInput) => {
    const fate = random();
    const take = () => {
      accepted++;
      const isProven = chance(0.7);
      if (!isProven) unproven++;
      const sendKey = input.Tags?.find(({ Name }) => Name === 'sendKey')?.Value ?? '';
      const body = sendEvent(`mail-${accepted}`, sendKey, input.Destinations ?? []);
      // Mostly within a minute; never, or too late, where it stays unproven.
      if (isProven) later(random() * minuteMs, () => world.receive(body));
      else if (chance(0.5)) later(90 * minuteMs, () => world.receive(body));
      return { MessageId: `mail-${accepted}` };
    };
    if (fate < 0.45) {
      faults.add('accepted');
      return take();
    }
    if (fate < 0.6) {
      faults.add('answer lost');
      take();
      throw chance(0.5) ? connectionLost() : serviceFault(503);
    }
    if (fate < 0.8) {
      faults.add('request lost');
      throw connectionLost();
    }
    if (fate < 0.95) {
      faults.add('throttled');
      throw serviceFault(400, 'Throttling');
    }
    faults.add('rejected');
    throw new MessageRejected({ message: 'rejected', $metadata: { httpStatusCode: 400 } });
  };

  async function attempt(): Promise<SendOutcome | 'died'> {
    ses.answer = service;
    const crashAt = chance(0.25) ? Math.floor(random() * 14) : Number.POSITIVE_INFINITY;
    let steps = 0;
    /** One call of a port: it may come late, its answer may be lost with the process, or the process is gone. */
    const step = async <T>(work: () => Promise<T>): Promise<T> => {
      for (let turns = Math.floor(random() * 6); turns > 0; turns--) await Promise.resolve();
      if (steps++ === crashAt) faults.add('crashed');
      if (steps > crashAt + 1) throw new Crash();
      const answer = await work();
      if (steps > crashAt) throw new Crash();
      return answer;
    };
    const isAnswerLost = () => {
      const lost = chance(0.05);
      if (lost) faults.add('write answer lost');
      return lost;
    };
    const seen = hasAddress && chance(0.75) ? (chance(0.3) ? 'proven' : 'asserted') : 'none';
    const ports = world.portsOf(of, step, isAnswerLost, seen);
    try {
      const outcome = await sendFollowUp(ports, world.command);
      if (hasAddress && seen === 'none' && outcome.kind === 'waiting') faults.add('no address yet');
      return outcome;
    } catch (error) {
      if (error instanceof Crash) return 'died';
      throw error;
    }
  }

  const duplicates = 1 + Math.floor(random() * 3);
  let deadLettered = 0;
  for (let copy = 0; copy < duplicates; copy++) {
    let receives = 0;
    const deliver = async (): Promise<void> => {
      receives++;
      const outcome = await attempt();
      const isDone = outcome !== 'died' && (outcome.kind === 'sent' || outcome.kind === 'suppressed');
      if (isDone) return;
      if (receives < mostReceives) later(visibilityMs, deliver);
      else deadLettered++;
    };
    // At once, or as a late copy.
    later(chance(0.6) ? 0 : random() * 40 * minuteMs, deliver);
  }
  for (let next = agenda.sort(byTime).shift(); next; next = agenda.sort(byTime).shift()) {
    world.nowMs = Math.max(world.nowMs, next.atMs);
    const together = [next];
    while (agenda[0]?.atMs === next.atMs) together.push(...agenda.splice(0, 1));
    await Promise.all(together.map(({ run }) => run()));
  }
  return { accepted, unproven, records: world.records(), deadLettered: deadLettered === duplicates, faults };
}

class Crash extends Error {}

function createWorld() {
  const leafOf = createLeafOf(Buffer.alloc(32, 7));
  const leaf = leafOf({ type: 'phone', value: '+493090010001' });
  const occasion = place(leaf, 'call.missed', beganAtMs);
  const identified: Interaction = {
    ...place(leaf, 'customer.identified', beganAtMs - minuteMs),
    identifiers: [{ type: 'email', value: 'jonas.reuter@example.com', trust: 'asserted' }],
  };
  const proven: Interaction = {
    ...place(leaf, 'customer.identified', beganAtMs - 2 * minuteMs),
    identifiers: [{ type: 'email', value: 'jonas@reuter.example', trust: 'proven' }],
  };
  // While it is sent, an address or a better one may become known, and some still see the customer without it.
  const views = {
    none: viewOf(leaf, [occasion]),
    asserted: viewOf(leaf, [identified, occasion]),
    proven: viewOf(leaf, [proven, identified, occasion]),
  };
  const stored = new Map<string, Interaction>([[occasion.id, occasion]]);
  const ledgerOf = new Map<string, ReadLedger>();
  const fixed = new Map<string, FixedAddress>();
  const lookedForSinceMs = new Map<string, number>();
  const command: FollowUpCommand = {
    playbook: 'missed-call',
    step: 'apologise',
    occasion: occasion.id,
    customerId: leaf,
  };
  let ids = 0;

  const timeline: Pick<Timeline, 'append' | 'readByIds'> = {
    append: async ({ interaction }) => {
      const duplicate = stored.has(interaction.id);
      if (!duplicate) stored.set(interaction.id, interaction);
      return { id: interaction.id, duplicate };
    },
    readByIds: async (wanted) => wanted.flatMap((id) => stored.get(id) ?? []),
  };
  const ledgers: SendLedgers = {
    read: async (address) => ledgerOf.get(address) ?? { ledger: emptyLedger, version: 0 },
    write: async (address, ledger, version) => {
      if ((ledgerOf.get(address)?.version ?? 0) !== version) return false;
      ledgerOf.set(address, { ledger, version: version + 1 });
      return true;
    },
    fixAddress: async (key, mine) => {
      const first = fixed.get(key) ?? mine;
      fixed.set(key, first);
      return first;
    },
    lookForAddress: async (key, nowMs) => {
      if (fixed.has(key)) return undefined;
      const sinceMs = lookedForSinceMs.get(key) ?? nowMs;
      lookedForSinceMs.set(key, sinceMs);
      return sinceMs;
    },
  };

  const world = {
    nowMs: beganAtMs + 1000,
    command,
    records: () =>
      [...stored.values()].flatMap(({ properties, type }) => {
        if (type === 'message.sent') return [type];
        return type === 'follow-up.suppressed' ? [`${type}:${properties.reason}`] : [];
      }),
    receive: async (body: string) => {
      const event = parseDeliveryEvent(body);
      const clock = () => world.nowMs;
      if (event) await receiveDeliveryEvent({ ledgers, timeline, leafOf, newId: () => 'made-id', clock }, event);
    },
    portsOf(
      of: FollowUpClass,
      step: <T>(work: () => Promise<T>) => Promise<T>,
      isAnswerLost: () => boolean,
      seen: keyof typeof views,
    ): SendFollowUpPorts {
      return {
        readCustomer: () => step(async () => views[seen]),
        timeline: {
          append: (placement) => step(() => timeline.append(placement)),
          readByIds: (wanted) => step(() => timeline.readByIds(wanted)),
        },
        ledgers: {
          read: (address) => step(() => ledgers.read(address)),
          // The SDK's own second try of a write whose answer was lost finds the version changed.
          write: (address, ledger, version) =>
            step(async () => (await ledgers.write(address, ledger, version)) && !isAnswerLost()),
          fixAddress: (key, mine) => step(() => ledgers.fixAddress(key, mine)),
          lookForAddress: (key, nowMs) => step(() => ledgers.lookForAddress(key, nowMs)),
        },
        mailer: { send: (mail) => step(() => mailer.send(mail)) },
        tokens: { issue: async () => 'token' },
        playbooks: playbooks.map((playbook) => ({ ...playbook, class: of })),
        sender: {
          address: 'praxis@lindenhof.example',
          replyDomain: 'inbound.lindenhof.example',
          company: 'Tierarztpraxis Lindenhof',
          timeZone: 'Europe/Berlin',
          language: 'de',
          publicUrl: 'https://api.lindenhof.example',
        },
        leafOf,
        newId: () => `made-${String(ids++).padStart(3, '0')}`,
        clock: () => world.nowMs,
      };
    },
  };
  return world;
}

/** The real client of the SDK, with a service behind it that does what a run says. */
const ses: { answer: (input: SendRawEmailCommandInput) => object } = { answer: () => ({}) };
const mailer = createMailerStore(clientOn(), 'practice');

function clientOn(): SESClient {
  const client = new SESClient({
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
  client.middlewareStack.add(
    () =>
      async ({ input }) => ({
        output: { $metadata: {}, ...(ses.answer(input as SendRawEmailCommandInput) as { MessageId: string }) },
        response: {},
      }),
    { step: 'initialize' },
  );
  return client;
}

function connectionLost(): Error {
  return Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
}

function serviceFault(httpStatusCode: number, name = 'ServiceUnavailable'): SESServiceException {
  const $fault = httpStatusCode < 500 ? 'client' : 'server';
  return new SESServiceException({ name, $fault, message: name, $metadata: { httpStatusCode } });
}

function sendEvent(messageId: string, sendKey: string, destination: string[]): string {
  const mail = {
    messageId,
    timestamp: new Date(beganAtMs).toISOString(),
    destination,
    tags: { sendKey: [sendKey] },
  };
  return JSON.stringify({ source: 'aws.ses', detail: { eventType: 'Send', mail, send: {} } });
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

function byTime(one: { atMs: number }, other: { atMs: number }): number {
  return one.atMs - other.atMs;
}
