import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { engineClient } from '../local/engine/createTable.ts';
import { createCustomerStore } from '../shared/customer/customerStore.ts';
import type { Customers } from '../shared/customer/customers.ts';
import { createTable } from '../shared/platform/table.ts';
import { driveRate } from './drive.ts';
import { onStage, type Stage } from './onStage.ts';
import { percentile } from './percentile.ts';
import { createPractice, eventOf, type Practice } from './practice.ts';
import { takeIn, warmUp } from './requests.ts';
import type { Row } from './row.ts';

const durationMs = 5_000;
const perSecond = 50;
/** Customers whose heads are watched, each with one event under way at a time. */
const watched = 4;
const pollMs = 5;
/** A head that is not there by then never comes: the projection has stopped. */
const patienceMs = 30_000;

/** Time from an event's acknowledgement until its customer's head counts it, with nothing else to do and under load. */
export function lagRows(): Promise<Row[]> {
  return onStage(async (stage) => {
    const practice = createPractice(stage);
    const client = engineClient(stage.table.endpoint);
    try {
      const heads = createCustomerStore(createTable(client, stage.table.name));
      const leaves = await acquaint(stage, practice);
      await warmUp(stage);
      const [first = never()] = leaves;
      const quiet = await lags(practice, heads, [first]);
      const writing = takeIn(stage);
      const [loaded, driven] = await Promise.all([
        lags(practice, heads, leaves),
        driveRate(stage.url, { perSecond, durationMs }, (index) => writing(index % 10, index)),
      ]);
      return [
        ...lagRow('projection lag: one event at a time', quiet),
        ...lagRow(`projection lag: beside ${perSecond} writes/s`, loaded),
        { name: 'projection lag: the writes beside it', value: Math.round(driven.perSecond), unit: 'requests/s' },
      ];
    } finally {
      client.destroy();
    }
  });
}

interface Watched {
  userId: string;
  leaf: string;
}

/** Customers who exist, and the leaves that keep their heads. */
async function acquaint(stage: Stage, practice: Practice): Promise<Watched[]> {
  const userIds = Array.from({ length: watched }, (_, index) => `watched-${index}`);
  for (const userId of userIds) await practice.send('track', eventOf(600, userId, randomUUID()));
  await stage.drain();
  return Promise.all(
    userIds.map(async (userId) => {
      const found = (await practice.get(`/customers?identifier=userId:${userId}`)) as {
        customers: { customerId: string }[];
      };
      return { userId, leaf: found.customers[0]?.customerId ?? never() };
    }),
  );
}

/** For as long as a load lasts, each customer does something new as soon as their head shows the last thing. */
async function lags(
  practice: Practice,
  heads: Pick<Customers, 'readState'>,
  of: readonly Watched[],
): Promise<number[]> {
  const measured: number[] = [];
  const endMs = performance.now() + durationMs;
  await Promise.all(
    of.map(async ({ userId, leaf }) => {
      const version = async () => (await heads.readState(leaf, { consistent: true })).version;
      while (performance.now() < endMs) {
        const before = await version();
        await practice.send('track', eventOf(600, userId, randomUUID()));
        const acknowledgedMs = performance.now();
        while ((await version()) === before) {
          if (performance.now() - acknowledgedMs > patienceMs) throw new Error('an event never reached its head');
          await pause(pollMs);
        }
        measured.push(performance.now() - acknowledgedMs);
      }
    }),
  );
  return measured;
}

function lagRow(name: string, milliseconds: readonly number[]): Row[] {
  return [50, 99].map((percent) => ({
    name: `${name}, p${percent}`,
    value: Math.round(percentile(milliseconds, percent)),
    unit: 'ms',
  }));
}

function never(): never {
  throw new Error('a customer who was sent is not known');
}
