import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { createFrontDoors } from '../../local/demo/frontDoors.ts';
import { engineClient } from '../../local/engine/createTable.ts';
import { type Platform, startPlatform } from '../../local/platform.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import { decodeHead, encodeHead } from '../../shared/customer/headContent.ts';
import { replayLeaf } from '../../shared/customer/replayLeaf.ts';
import { createTable } from '../../shared/platform/table.ts';
import { readInteractionId } from '../../shared/timeline/timelineKeys.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { type Delivered, type Expected, mixedLoad, type Owed, sendAll } from '../support/mixedLoad.ts';
import { waitFor } from '../support/platform.ts';
import { type PlatformProcess, startPlatformProcess } from '../support/platformProcess.ts';
import { storedInteractions } from '../support/storedInteractions.ts';

/** `npm run baddays` asks for two thousand. */
const interactions = Number(process.env.BAD_DAYS_INTERACTIONS ?? 300);
const killAt = interactions > 1_000 ? [0.25, 0.5, 0.75] : [0.5];

test('killed with SIGKILL under load: everything acknowledged is there once, and every mail owed is sent once', {
  timeout: 60_000 + interactions * 200,
}, async ({ annotate }) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const load = mixedLoad(interactions);
  const startedAt = performance.now();
  const secondsSince = () => Math.round((performance.now() - startedAt) / 100) / 10;
  let running = Promise.resolve(await startPlatformProcess(dataDir));
  onTestFinished(async () => (await running).kill('SIGKILL'));
  const doors = async () => {
    const { api, inboundDomain, keys } = await running;
    return { doors: createFrontDoors(api, keys), inboundDomain };
  };

  await sendAll(load.registrations, doors);
  await running.then(mayBeWrittenTo(load.owed));
  const kills: string[] = [];
  const marks = killAt.map((share) => Math.floor(share * load.sendings.length));
  const delivered = await sendAll(load.sendings, doors, (count) => {
    if (count < (marks[0] ?? Number.POSITIVE_INFINITY)) return;
    marks.shift();
    kills.push(`after ${count} of ${load.sendings.length} acknowledged, ${secondsSince()} s`);
    running = running.then(async (platform) => {
      await platform.kill('SIGKILL');
      return startPlatformProcess(dataDir);
    });
  });
  // What is under way now has to survive as well.
  await (await running).kill('SIGKILL');

  const platform = await startPlatform({ port: 0, dataDir, log: () => undefined });
  onTestFinished(() => platform.stop());
  await settle(platform);
  const stored = await storedInteractions({ ...platform, lines: [] });
  const expected = delivered.acknowledged.flatMap((sending) => sending.expected);
  expect(expected.length).toBeGreaterThanOrEqual(interactions);
  expect(countsOtherThanOne(stored, expected)).toEqual([]);
  const mails = await mailsByRecipient(platform);
  expect(load.owed.filter(({ email }) => mails.get(email) !== 1)).toEqual([]);
  expect(stored.filter(({ type }) => type === 'email.delivered')).toHaveLength(load.owed.length);
  expect(await leavesWithAnotherHead(platform, stored)).toEqual([]);
  await annotate(figures({ delivered, expected, kills, mails: load.owed.length, seconds: secondsSince() }));
});

/** A call is answered by a mail only once it is known whose number it is. */
function mayBeWrittenTo(callers: readonly Owed[]) {
  return async ({ api, keys }: PlatformProcess) => {
    const doors = createFrontDoors(api, keys);
    const isKnown = async ({ email, phone }: Owed) => {
      const found = await doors.read(`/customers?${new URLSearchParams({ identifier: `phone:${phone}` })}`);
      return JSON.stringify(found).includes(email);
    };
    for (const caller of callers) await waitFor(() => isKnown(caller), 30_000);
  };
}

/** What a killed function had claimed is looked at again after minutes, which pass here at once. */
async function settle(platform: Platform): Promise<void> {
  await platform.drain(60_000);
  for (let minutes = 0; minutes < 24; minutes += 4) {
    platform.clock.advance(4 * 60_000);
    await platform.drain(60_000);
  }
}

function countsOtherThanOne(stored: readonly Interaction[], expected: readonly Expected[]): string[] {
  const texts = new Map<string, string[]>();
  for (const interaction of stored) {
    texts.set(interaction.type, [...(texts.get(interaction.type) ?? []), JSON.stringify(interaction)]);
  }
  return expected.flatMap(({ type, word }) => {
    const found = (texts.get(type) ?? []).filter((text) => text.includes(word)).length;
    return found === 1 ? [] : [`${type} ${word}: ${found}`];
  });
}

async function mailsByRecipient({ url }: Platform): Promise<Map<string, number>> {
  const mailbox = (await (await fetch(`${url}/_local/mailbox`)).json()) as { messages: { to: string[] }[] };
  const counts = new Map<string, number>();
  for (const address of mailbox.messages.flatMap(({ to }) => to)) counts.set(address, (counts.get(address) ?? 0) + 1);
  return counts;
}

/** Leaves whose head is not what their timeline folds to. */
async function leavesWithAnotherHead(platform: Platform, stored: readonly Interaction[]): Promise<string[]> {
  const [resource] = platform.deployment.ofType('AWS::DynamoDB::GlobalTable');
  const client = engineClient(platform.endpoints.dynamodb);
  onTestFinished(() => client.destroy());
  const table = createTable(client, resource?.physicalId ?? '');
  const timeline = createTimelineStore(table);
  const customers = createCustomerStore(table);
  const leaves = new Set(stored.map(({ id }) => readInteractionId(id)?.leaf ?? ''));
  const different: string[] = [];
  for (const leaf of leaves) {
    const { head } = await customers.readState(leaf, { consistent: true });
    const replayed = await replayLeaf(timeline, leaf);
    const expected = replayed.head && decodeHead(encodeHead(replayed.head));
    if (!isDeepStrictEqual(head, expected)) different.push(leaf);
  }
  return different;
}

function figures(facts: {
  delivered: Delivered;
  expected: readonly Expected[];
  kills: readonly string[];
  mails: number;
  seconds: number;
}): string {
  const { delivered, expected, kills, mails, seconds } = facts;
  return [
    `${delivered.acknowledged.length} requests acknowledged, ${delivered.resent} tries without an answer sent again`,
    `${expected.length} interactions found once each, ${mails} mails sent once each`,
    `killed ${kills.join('; ')}; and at the end`,
    `${seconds} s`,
  ].join('. ');
}
