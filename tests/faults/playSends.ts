import { MessageRejected, SESClient, SESServiceException, type SendRawEmailCommandInput } from '@aws-sdk/client-ses';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import type { SendOutcome } from '../../shared/follow-up/claimAndSend.ts';
import { parseDeliveryEvent } from '../../shared/follow-up/deliveryEvent.ts';
import type { Mailer } from '../../shared/follow-up/mailer.ts';
import { createMailerStore } from '../../shared/follow-up/mailerStore.ts';
import { receiveDeliveryEvent } from '../../shared/follow-up/receiveDeliveryEvent.ts';
import {
  emptyLedger,
  type FixedAddress,
  type ReadLedger,
  type SendLedgers,
} from '../../shared/follow-up/sendLedger.ts';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import type { Timeline } from '../../shared/timeline/timeline.ts';
import { seededRandom } from '../support/seeded.ts';

/*
 * Sends, delivered by a queue that repeats itself, to functions that die anywhere, over a table that loses answers,
 * through a mail service that does too. The mail service counts for itself what it took.
 */
export const minuteMs = 60_000;
export const beganAtMs = Date.UTC(2026, 2, 2, 9, 42);
const visibilityMs = 3 * minuteMs;
const mostReceives = 20;

/** A mail that the service took. */
export interface TakenMail {
  raw: string;
  /** Whether an event of the service came within 15 minutes. */
  isProven: boolean;
}

export interface World {
  nowMs: number;
  random(): number;
  chance(probability: number): boolean;
  /** Lets something happen by itself. */
  later(delayMs: number, run: () => Promise<void>): void;
  stored: Map<string, Interaction>;
  ledgerOf: Map<string, ReadLedger>;
  timeline: Pick<Timeline, 'append' | 'readByIds'>;
  ledgers: SendLedgers;
  leafOf: ReturnType<typeof createLeafOf>;
  newId(): string;
}

/** One call of a port: it may come late, its answer may be lost with the process, or the process is gone. */
export type Step = <T>(work: () => Promise<T>) => Promise<T>;

/** What one try works with; `ledgers` are those of the world, watched or not. */
export interface Try {
  step: Step;
  /** Notes what came about. */
  met(what: string): void;
  over(ledgers: SendLedgers): { timeline: World['timeline']; ledgers: SendLedgers; mailer: Mailer };
}

export interface Scenario<C> {
  /** What the queue holds, and when it is first delivered. */
  queued: { command: C; delayMs: number }[];
  /** Steps of a try, about. */
  steps: number;
  carryOut(attempt: Try, command: C): Promise<SendOutcome>;
}

export interface Played<C> {
  seed: number;
  mails: TakenMail[];
  stored: Interaction[];
  deadLettered: C[];
  faults: Set<string>;
}

/** Plays one history to its end; the same seed plays the same. */
export async function playSends<C, S extends Scenario<C>>(
  seed: number,
  scenarioOf: (world: World) => S,
): Promise<Played<C> & { scenario: S }> {
  const agenda: { atMs: number; run: () => Promise<void> }[] = [];
  const world = createWorld(seed, (atMs, run) => agenda.push({ atMs, run }));
  const { chance, later, random } = world;
  const faults = new Set<string>();
  const mails: TakenMail[] = [];
  const deadLettered: C[] = [];
  const scenario = scenarioOf(world);

  const receive = async (body: string) => {
    const { ledgers, leafOf, newId, timeline } = world;
    const event = parseDeliveryEvent(body);
    if (event) await receiveDeliveryEvent({ ledgers, timeline, leafOf, newId, clock: () => world.nowMs }, event);
  };
  const service = (input: SendRawEmailCommandInput) => {
    const fate = random();
    const take = () => {
      const isProven = chance(0.7);
      mails.push({ raw: Buffer.from(input.RawMessage?.Data ?? []).toString('utf8'), isProven });
      const id = `mail-${mails.length}`;
      const sendKey = input.Tags?.find(({ Name }) => Name === 'sendKey')?.Value ?? '';
      const body = sendEvent(id, sendKey, input.Destinations ?? []);
      // Mostly within a minute; never, or too late, where it stays unproven.
      if (isProven) later(random() * minuteMs, () => receive(body));
      else if (chance(0.5)) later(90 * minuteMs, () => receive(body));
      return { MessageId: id };
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

  async function attempt(command: C): Promise<SendOutcome | 'died'> {
    ses.answer = service;
    const crashAt = chance(0.25) ? Math.floor(random() * scenario.steps) : Number.POSITIVE_INFINITY;
    let steps = 0;
    const step: Step = async (work) => {
      for (let turns = Math.floor(random() * (chance(0.2) ? 60 : 6)); turns > 0; turns--) await Promise.resolve();
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
    const over: Try['over'] = (ledgers) => ({
      timeline: {
        append: (placement) => step(() => world.timeline.append(placement)),
        readByIds: (wanted) => step(() => world.timeline.readByIds(wanted)),
      },
      ledgers: {
        read: (address) => step(() => ledgers.read(address)),
        // The SDK's own second try of a write whose answer was lost finds the version changed.
        write: (address, ledger, version) =>
          step(async () => (await ledgers.write(address, ledger, version)) && !isAnswerLost()),
        fixAddress: (key, mine) => step(() => ledgers.fixAddress(key, mine)),
        fixedAddress: (key) => step(() => ledgers.fixedAddress(key)),
        lookForAddress: (key, nowMs) => step(() => ledgers.lookForAddress(key, nowMs)),
      },
      mailer: { send: (mail) => step(() => mailer.send(mail)) },
    });
    try {
      return await scenario.carryOut({ step, met: (what) => void faults.add(what), over }, command);
    } catch (error) {
      if (error instanceof Crash) return 'died';
      throw error;
    }
  }

  for (const { command, delayMs } of scenario.queued) {
    let dead = 0;
    const copies = 1 + Math.floor(random() * 3);
    for (let copy = 0; copy < copies; copy++) {
      let receives = 0;
      const deliver = async (): Promise<void> => {
        receives++;
        const outcome = await attempt(command);
        const isDone = outcome !== 'died' && ['sent', 'suppressed', 'settled'].includes(outcome.kind);
        if (isDone) return;
        if (receives < mostReceives) return void later(visibilityMs, deliver);
        if (++dead === copies) deadLettered.push(command);
      };
      // At once, or as a late copy.
      later(delayMs + (chance(0.6) ? 0 : random() * 40 * minuteMs), deliver);
    }
  }
  const byTime = (one: { atMs: number }, other: { atMs: number }) => one.atMs - other.atMs;
  for (let next = agenda.sort(byTime).shift(); next; next = agenda.sort(byTime).shift()) {
    world.nowMs = Math.max(world.nowMs, next.atMs);
    const together = [next];
    while (agenda[0]?.atMs === next.atMs) together.push(...agenda.splice(0, 1));
    await Promise.all(together.map(({ run }) => run()));
  }
  return { seed, mails, stored: [...world.stored.values()], deadLettered, faults, scenario };
}

class Crash extends Error {}

function createWorld(seed: number, schedule: (atMs: number, run: () => Promise<void>) => void): World {
  const random = seededRandom(seed);
  const stored = new Map<string, Interaction>();
  const ledgerOf = new Map<string, ReadLedger>();
  const fixed = new Map<string, FixedAddress>();
  const lookedForSinceMs = new Map<string, number>();
  let ids = 0;
  const world: World = {
    nowMs: beganAtMs + 1000,
    random,
    chance: (probability) => random() < probability,
    later: (delayMs, run) => schedule(world.nowMs + Math.floor(delayMs), run),
    stored,
    ledgerOf,
    timeline: {
      append: async ({ interaction }) => {
        const duplicate = stored.has(interaction.id);
        if (!duplicate) stored.set(interaction.id, interaction);
        return { id: interaction.id, duplicate };
      },
      readByIds: async (wanted) => wanted.flatMap((id) => stored.get(id) ?? []),
    },
    ledgers: {
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
      fixedAddress: async (key) => fixed.get(key),
      lookForAddress: async (key, nowMs) => {
        if (fixed.has(key)) return undefined;
        const sinceMs = lookedForSinceMs.get(key) ?? nowMs;
        lookedForSinceMs.set(key, sinceMs);
        return sinceMs;
      },
    },
    leafOf: createLeafOf(Buffer.alloc(32, 7)),
    newId: () => `made-${String(ids++).padStart(3, '0')}`,
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
