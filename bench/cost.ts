import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CostLine, idleCost, totalOf } from '../infra/idleCost.ts';
import { prices } from '../infra/prices.ts';
import { synth } from '../infra/synth.ts';
import { playDemo } from '../local/demo/playDemo.ts';
import { type Platform, startPlatform } from '../local/platform.ts';
import { metricNames } from '../shared/platform/log.ts';
import { idleSweep } from './idleSweep.ts';
import { onTable } from './onTable.ts';
import { createPractice, eventOf } from './practice.ts';
import { costOf, type Usage, usageOf } from './usage.ts';

/*
 * `npm run cost`: what a deployment costs while nothing happens, line by line from its template, and what customers and
 * interactions cost, from what the platform on this machine took for them. Units are exact; seconds are of this machine.
 */

const { templatePath } = await synth();
const { read, write } = await onTable(idleSweep);
const idle = idleCost(JSON.parse(readFileSync(templatePath, 'utf8')), { readUnits: read, writeUnits: write });
const dataDir = mkdtempSync(join(tmpdir(), 'throughline-cost-'));
const platform = await startPlatform({ port: 0, dataDir, log: () => undefined });
try {
  const story = await usageOfStory(platform);
  const events = await usageOfEvents(platform);
  print(idle, story, events);
} finally {
  await platform.stop();
  rmSync(dataDir, { recursive: true, force: true });
}

/** What the two customers of the demo do in their hour: websites, chat, calls, mails and their answers. */
async function usageOfStory(stage: Platform): Promise<Usage> {
  const counted = countRequests(stage.url);
  try {
    return await usageOf(stage, async () => {
      await playDemo(stage);
      const response = await counted.uncounted(`${stage.url}/_local/mailbox`, {
        headers: { accept: 'application/json' },
      });
      const { messages } = (await response.json()) as { messages: unknown[] };
      return { apiRequests: counted.ofApi(), mails: messages.length + counted.ofMail() };
    });
  } finally {
    counted.stop();
  }
}

/** Events of a website, one by one and in batches, each on average. */
async function usageOfEvents(stage: Platform): Promise<{ what: string; interactions: number; usage: Usage }[]> {
  const practice = createPractice(stage);
  const one = (index: number) => ({ ...eventOf(1024, `visitor-${index % 10}`, randomUUID()) });
  // Before it is measured, functions have started and customers exist.
  for (let index = 0; index < 10; index++) await practice.send('track', one(index));
  const singly = await usageOf(stage, async () => {
    for (let index = 0; index < 100; index++) {
      await practice.send('track', one(index));
      await stage.drain();
    }
    return { apiRequests: 100, mails: 0 };
  });
  const batched = await usageOf(stage, async () => {
    for (let batch = 0; batch < 10; batch++) {
      await practice.send('batch', { batch: Array.from({ length: 25 }, (_, index) => one(index)) });
      await stage.drain();
    }
    return { apiRequests: 10, mails: 0 };
  });
  return [
    { what: 'events of 1 KB, one by one', interactions: 100, usage: singly },
    { what: 'events of 1 KB, 25 in a batch', interactions: 250, usage: batched },
  ];
}

/** Requests of this process to the platform's API, and mails that it hands in. */
function countRequests(url: string) {
  const uncounted = globalThis.fetch;
  const count = { api: 0, mail: 0 };
  globalThis.fetch = (input, init) => {
    const { pathname } = new URL(String(input), url);
    if (pathname === '/_local/email') count.mail += 1;
    else if (!pathname.startsWith('/_local/')) count.api += 1;
    return uncounted(input, init);
  };
  return {
    uncounted,
    ofApi: () => count.api,
    ofMail: () => count.mail,
    stop: () => {
      globalThis.fetch = uncounted;
    },
  };
}

function print(lines: CostLine[], story: Usage, events: { what: string; interactions: number; usage: Usage }[]): void {
  const say = (line = '') => process.stdout.write(`${line}\n`);
  const storedDollars = prices.tableGigabyte.dollars + prices.recoveryGigabyte.dollars;
  say('Idle, per month (us-east-1, list prices of early 2026, no allowance taken off but for dashboards)');
  for (const { what, count, price, dollars } of lines) {
    if (count === 0) continue;
    const rounded = count >= 100 ? Math.round(count).toLocaleString('en') : String(Math.round(count * 1000) / 1000);
    say(`  ${what.padEnd(52)}${rounded.padStart(10)}  ${money(dollars)}  ${price.per} (${price.source})`);
  }
  say(`  ${'in all'.padEnd(52)}${''.padStart(10)}  ${money(totalOf(lines))}`);
  say(
    `  The dashboard is free where the account has at most two others, else it adds ${money(prices.dashboard.dollars).trim()}.`,
  );
  say(`  The key's first two rotations, every seven years, add ${money(prices.key.dollars).trim()} each.`);
  say();
  say(
    `In use: ${metricNames.length} metrics, in months in which each is sent every hour; one more adds ${money(prices.customMetric.dollars).trim()}`,
  );
  say(`  ${money(metricNames.length * prices.customMetric.dollars)}`);
  say();
  say('1,000 customers who each do in a month what the customers of the demo do in their hour');
  sayCost(say, story, 500);
  for (const { what, interactions, usage } of events) {
    say();
    say(`A million interactions: ${what}`);
    sayCost(say, usage, 1_000_000 / interactions);
  }
  say();
  say(`Stored with recovery: at most ${money(storedDollars).trim()} a month for a million interactions of 1 KB.`);
}

function sayCost(say: (line: string) => void, usage: Usage, times: number): void {
  const cost = costOf(usage, times);
  for (const [what, dollars] of Object.entries(cost)) if (dollars > 0) say(`  ${what.padEnd(20)}${money(dollars)}`);
  const total = Object.values(cost).reduce((sum, dollars) => sum + dollars, 0);
  say(`  ${'in all'.padEnd(20)}${money(total)}`);
  // Lambda takes one a second of each function and a twentieth of the others: of little traffic all.
  const traces = usage.invocations * times * prices.trace.dollars;
  say(`  While tracing is switched on, traces add at most ${money(traces).trim()}.`);
}

function money(dollars: number): string {
  return `$${dollars.toFixed(dollars < 0.1 ? 4 : 2)}`.padStart(9);
}
