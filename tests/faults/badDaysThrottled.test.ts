import { expect, test } from 'vitest';
import { createFrontDoors } from '../../local/demo/frontDoors.ts';
import { leavesWithAnotherHead, mailsByRecipient, notOnce, settle } from '../support/aftermath.ts';
import { mixedLoad, sendAll, untilKnown } from '../support/mixedLoad.ts';
import { startTestPlatform } from '../support/platform.ts';
import { storedInteractions } from '../support/storedInteractions.ts';

/** The SDK waits half a second and longer before it tries a throttled call again, so few take long enough. */
const interactions = process.env.BAD_DAYS_INTERACTIONS === undefined ? 16 : 200;
const platform = await startTestPlatform();

test('while the table throttles three of ten calls, everything arrives once and every mail owed is sent once', {
  timeout: 120_000 + interactions * 2_000,
}, async ({ annotate }) => {
  const load = mixedLoad(interactions);
  const { inboundDomain = '' } = platform;
  const doors = async () => ({ doors: createFrontDoors(platform.url, platform.keys), inboundDomain });
  await sendAll(load.registrations, doors);
  await untilKnown(load.owed, (await doors()).doors);

  platform.faults.failTableCalls({ times: Number.POSITIVE_INFINITY, kind: 'throttle', share: 0.3 });
  const delivered = await sendAll(load.sendings, doors);
  await platform.drain(120_000);
  platform.faults.clear();
  await settle(platform);

  const stored = await storedInteractions(platform);
  const expected = delivered.acknowledged.flatMap((sending) => sending.expected);
  expect(expected.length).toBeGreaterThanOrEqual(interactions);
  expect(notOnce(stored, expected)).toEqual([]);
  const mails = await mailsByRecipient(platform);
  expect(load.owed.filter(({ email }) => mails.get(email) !== 1)).toEqual([]);
  expect(await leavesWithAnotherHead(platform, stored)).toEqual([]);
  const queues = (await (await fetch(`${platform.url}/_local/queues`)).json()) as {
    queues: { deadLetters: object[] }[];
  };
  expect(queues.queues.flatMap(({ deadLetters }) => deadLetters)).toEqual([]);
  await annotate(`${expected.length} interactions once each; ${delivered.resent} requests refused and sent again.`);
});
