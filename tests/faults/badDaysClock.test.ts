import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createFrontDoors } from '../../local/demo/frontDoors.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { leavesWithAnotherHead, mailsByRecipient, notOnce, settle } from '../support/aftermath.ts';
import { mixedLoad, sendAll, untilKnown } from '../support/mixedLoad.ts';
import { startTestPlatform } from '../support/platform.ts';
import { storedInteractions } from '../support/storedInteractions.ts';

const interactions = process.env.BAD_DAYS_INTERACTIONS === undefined ? 64 : 400;
const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

const platform = await startTestPlatform();
const doors = createFrontDoors(platform.url, platform.keys);

test('while the clock jumps by minutes, hours and days, forward and back, nothing is lost and nothing is sent twice', {
  timeout: 120_000 + interactions * 500,
}, async ({ annotate }) => {
  const load = mixedLoad(interactions);
  const { inboundDomain = '' } = platform;
  const openDoors = async () => ({ doors, inboundDomain });
  await sendAll(load.registrations, openDoors);
  await untilKnown(load.owed, doors);

  // A claim whose answer was lost is looked at again while the clock runs away from it.
  platform.faults.failTableCalls({ times: 30, kind: 'lost-answer', function: 'send-message', share: 0.3 });
  let over = false;
  let jumps = 0;
  const jumping = async () => {
    for (const jumpMs of jumpsOf(dayMs)) {
      if (over) return;
      platform.clock.advance(jumpMs);
      jumps += 1;
      await pause(300);
    }
  };
  const half = load.sendings.length / 2;
  const sending = async () => {
    const first = await sendAll(load.sendings.slice(0, half), openDoors);
    await platform.drain(60_000);
    const second = await sendAll(load.sendings.slice(half), openDoors);
    over = true;
    return [...first.acknowledged, ...second.acknowledged];
  };
  const [acknowledged] = await Promise.all([sending(), jumping()]);
  // Whatever is under way still is so days later.
  platform.clock.advance(3 * dayMs);
  platform.faults.clear();
  await settle(platform);

  const stored = await storedInteractions(platform);
  const expected = acknowledged.flatMap((sending) => sending.expected);
  expect(expected.length).toBeGreaterThanOrEqual(interactions);
  expect(notOnce(stored, expected)).toEqual([]);
  const mails = await mailsByRecipient(platform);
  const settled = stored.filter(
    ({ type, properties }) => type === 'follow-up.suppressed' || properties.automatic === true,
  );
  const fates = load.owed.map(({ email, phone }) => fateOf(mails.get(email) ?? 0, about(stored, phone), settled));
  expect(fates.filter((fate) => fate !== 'one mail' && fate !== 'too old to be sent')).toEqual([]);
  expect(await leavesWithAnotherHead(platform, stored)).toEqual([]);
  const sent = fates.filter((fate) => fate === 'one mail').length;
  await annotate(
    `${jumps} jumps; ${expected.length} interactions once each; ${sent} of ${fates.length} mails not too late.`,
  );
});

/** In turn, sometimes back, until so much has passed. */
function* jumpsOf(totalMs: number): Generator<number> {
  const minutes = [4, 16, -60, 20, 60, 16, 4, -20, 16, 30];
  for (let passedMs = 0, index = 0; passedMs < totalMs; index++) {
    const jumpMs = (minutes[index % minutes.length] ?? 0) * minuteMs;
    passedMs += jumpMs;
    yield jumpMs;
  }
}

/** The missed call of a caller. */
function about(stored: readonly Interaction[], phone: string): string | undefined {
  return stored.find(
    ({ type, identifiers }) => type === 'call.missed' && identifiers.some(({ value }) => value === phone),
  )?.id;
}

function fateOf(mails: number, occasion: string | undefined, settled: readonly Interaction[]): string {
  const told = settled.filter(({ properties }) => properties.occasion === occasion);
  const [only] = told;
  if (mails === 1 && told.length === 1 && only?.type === 'message.sent') return 'one mail';
  if (mails === 0 && told.length === 1 && only?.properties.reason === 'too-old') return 'too old to be sent';
  return JSON.stringify({ mails, occasion, told });
}

test('clients whose clocks are wrong lose nothing and double nothing, and the future is corrected', {
  timeout: 90_000,
}, async () => {
  const userId = 'skewed';
  const nowMs = platform.clock.now();
  const skews = [-400 * dayMs, -3 * dayMs, -2 * hourMs, -1, 0, 5 * minuteMs, 2 * hourMs, 2 * dayMs, 400 * dayMs];
  const events = skews.map((skewMs, index) => ({
    type: 'track',
    userId,
    event: `skewed${String(100 + index)}`,
    messageId: `skewed-${index}`,
    timestamp: new Date(nowMs + skewMs).toISOString(),
  }));
  await doors.server('/v1/batch', { batch: events });
  // Tried again, once by itself and once after the sender's clock was set right: the message keeps its own time.
  for (const event of events) await doors.server('/v1/track', event);
  platform.clock.advance(hourMs);
  await doors.server('/v1/batch', { batch: events.toReversed(), sentAt: new Date().toISOString() });
  await platform.drain(60_000);

  const stored = (await storedInteractions(platform)).filter(({ properties }) =>
    String(properties.event).startsWith('skewed'),
  );
  expect(
    notOnce(
      stored,
      events.map(({ event }) => ({ type: 'event.tracked', word: event })),
    ),
  ).toEqual([]);
  expect(stored).toHaveLength(skews.length);
  for (const [index, skewMs] of skews.entries()) {
    const { occurredAt } = stored.find(({ properties }) => properties.event === `skewed${100 + index}`) ?? {};
    const isCorrected = skewMs > 10 * minuteMs;
    const isKept = Date.parse(occurredAt ?? '') === nowMs + skewMs;
    expect([skewMs, isKept, Date.parse(occurredAt ?? '') <= platform.clock.now() + 10 * minuteMs]).toEqual([
      skewMs,
      !isCorrected,
      true,
    ]);
  }
  expect(await leavesWithAnotherHead(platform, stored)).toEqual([]);
});
