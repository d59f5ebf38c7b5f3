import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createFrontDoors } from '../../local/demo/frontDoors.ts';
import { startPlatform } from '../../local/platform.ts';
import { leavesWithAnotherHead, mailsByRecipient, notOnce, settle } from '../support/aftermath.ts';
import { type Delivered, type Expected, mixedLoad, sendAll, untilKnown } from '../support/mixedLoad.ts';
import { startPlatformProcess } from '../support/platformProcess.ts';
import { storedInteractions } from '../support/storedInteractions.ts';

/** The heavy load is two thousand. */
const interactions = Number(process.env.BAD_DAYS_INTERACTIONS ?? 300);
const killAt = interactions > 1_000 ? [0.25, 0.5, 0.75] : [0.5];

test('killed with SIGKILL under load: everything acknowledged is there once, and every mail owed is sent once', {
  timeout: 240_000 + interactions * 200,
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
  await untilKnown(load.owed, (await doors()).doors);
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
  const stored = await storedInteractions(platform);
  const expected = delivered.acknowledged.flatMap((sending) => sending.expected);
  expect(expected.length).toBeGreaterThanOrEqual(interactions);
  expect(notOnce(stored, expected)).toEqual([]);
  const mails = await mailsByRecipient(platform);
  expect(load.owed.filter(({ email }) => mails.get(email) !== 1)).toEqual([]);
  const ofType = (wanted: string) => stored.filter(({ type }) => type === wanted);
  // Answers are mailed where they were asked by mail, or were not read in the chat.
  const answers = ofType('message.sent').filter(({ properties }) => properties.automatic !== true);
  const mailed = ofType('answer.mailed');
  expect(mailed.flatMap(({ properties }) => properties.answers).sort()).toEqual(answers.map(({ id }) => id).sort());
  const followUps = ofType('message.sent').filter(({ properties }) => properties.automatic === true);
  expect(followUps).toHaveLength(load.owed.length);
  const mailIds = (of: typeof stored) => of.map(({ properties }) => properties.mailId).sort();
  expect(mailIds(ofType('email.delivered'))).toEqual(mailIds([...followUps, ...mailed]));
  expect(await leavesWithAnotherHead(platform, stored)).toEqual([]);
  await annotate(figures({ delivered, expected, kills, mails: load.owed.length, seconds: secondsSince() }));
});

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
