import Rudder from '@rudderstack/rudder-sdk-node';
import { Analytics } from '@segment/analytics-node';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startTestPlatform, type TestPlatform, waitFor } from '../support/platform.ts';
import { storedInteractions } from '../support/storedInteractions.ts';

/*
 * The unchanged server SDKs of Segment and RudderStack against the whole platform, while it fails in every way that
 * they meet: refused before the function, answered after the write but not received, and failing at the table.
 */

/** `npm run baddays` sends 5,000 of each. */
const eventsPerSdk = Number(process.env.SDK_EVENTS ?? 700);
/** So many that each of the troubles comes in turn. */
const eventsPerWave = Math.min(500, eventsPerSdk / 7);
const usersPerSdk = 25;

let platform: TestPlatform;
beforeAll(async () => {
  platform = await startTestPlatform();
});
beforeEach(() => platform.faults.clear());

type Faults = TestPlatform['faults'];
const path = '/v1/batch';
/** One set of faults per wave; RudderStack's SDK gives a request up at its fourth failure. */
const troubles: ((faults: Faults) => void)[] = [
  (faults) => faults.answerRequests({ times: 1, status: 500, path }),
  (faults) => faults.answerRequests({ times: 1, status: 429, path }),
  (faults) => faults.dropAnswers({ times: 1, path }),
  (faults) => {
    faults.answerRequests({ times: 1, status: 503, path });
    faults.dropAnswers({ times: 1, path });
  },
  (faults) => faults.failTableCalls({ times: 2, kind: 'lost-answer', function: 'collect-events' }),
  (faults) => faults.failTableCalls({ times: 4, kind: 'server-error', function: 'collect-events' }),
  (faults) => faults.failTableCalls({ times: 2, kind: 'throttle', function: 'collect-events' }),
];

async function inWaves(send: (index: number) => Promise<void>): Promise<void> {
  for (let start = 0; start < eventsPerSdk; start += eventsPerWave) {
    troubles[(start / eventsPerWave) % troubles.length]?.(platform.faults);
    await Promise.all(Array.from({ length: eventsPerWave }, (_, offset) => send(start + offset)));
    expect(platform.faults.pending()).toBe(0);
  }
}

/** The numbers that the events carried, of everything stored for one SDK. */
async function storedNumbers(sdk: string): Promise<number[]> {
  const all = await storedInteractions(platform);
  return all.flatMap(({ properties }) => {
    const { number, sdk: sender } = { ...(properties.traits as object | undefined), ...properties } as Record<
      string,
      unknown
    >;
    return sender === sdk && typeof number === 'number' ? [number] : [];
  });
}

const everyNumber = Array.from({ length: eventsPerSdk }, (_, index) => index);
const ascending = (numbers: readonly number[]) => numbers.toSorted((one, other) => one - other);

async function readTimeline(userId: string): Promise<{ id: string }[]> {
  const get = async (address: string) => {
    const headers = { authorization: `Bearer ${platform.keys.agentApiKey}` };
    const answer = await fetch(`${platform.url}${address}`, { headers });
    return answer.json() as Promise<Record<string, unknown>>;
  };
  const customerId = await waitFor(async () => {
    const { customers } = await get(`/customers?identifier=userId:${userId}`);
    return (customers as { customerId: string }[])[0]?.customerId;
  }, 60_000);
  const found: { id: string }[] = [];
  let before = '';
  do {
    const page = await get(`/customers/${customerId}/timeline?limit=100${before}`);
    found.push(...(page.interactions as { id: string }[]));
    before = typeof page.next === 'string' ? `&before=${encodeURIComponent(page.next)}` : '';
  } while (before !== '');
  return found;
}

describe('the events of each SDK, sent through failures, stand exactly once', { timeout: 240_000 }, () => {
  test('@segment/analytics-node', async () => {
    const analytics = new Analytics({
      writeKey: platform.keys.serverWriteKey ?? '',
      host: platform.url,
      flushAt: 250,
      flushInterval: 200,
      httpRequestTimeout: 60_000,
    });
    const errors: unknown[] = [];
    analytics.on('error', (error) => errors.push(error));
    await inWaves(
      (number) =>
        new Promise((resolve, reject) => {
          const done = (error?: unknown) => (error ? reject(error) : resolve());
          const userId = `segment-user-${number % usersPerSdk}`;
          const facts = { number, sdk: 'segment' };
          switch (number % 4) {
            case 0:
              return void analytics.page({ userId, name: 'Vaccinations', properties: facts }, done);
            case 1:
              return void analytics.identify({ userId, traits: { ...facts, name: 'Lena Vogt' } }, done);
            case 2:
              return void analytics.track(
                { userId, event: 'Order Completed', properties: { ...facts, revenue: 12 } },
                done,
              );
            default:
              return void analytics.track({ userId, event: 'Slot Chosen', properties: facts }, done);
          }
        }),
    );
    await analytics.closeAndFlush();
    expect(errors).toEqual([]);
    expect(ascending(await storedNumbers('segment'))).toEqual(everyNumber);
    expect(await readTimeline('segment-user-3')).toHaveLength(eventsPerSdk / usersPerSdk);
  });

  test('@rudderstack/rudder-sdk-node', async () => {
    const analytics = new Rudder(platform.keys.serverWriteKey ?? '', {
      dataPlaneUrl: platform.url,
      flushAt: 250,
      flushInterval: 200,
      logLevel: 'none',
    });
    await inWaves(
      (number) =>
        new Promise((resolve, reject) => {
          const done = (error?: unknown) => (error ? reject(error) : resolve());
          const userId = `rudder-user-${number % usersPerSdk}`;
          const facts = { number, sdk: 'rudder' };
          switch (number % 4) {
            case 0:
              return void analytics.page({ userId, name: 'Vaccinations', properties: facts }, done);
            case 1:
              return void analytics.identify({ userId, traits: { ...facts, name: 'Lena Vogt' } }, done);
            case 2:
              return void analytics.group({ userId, groupId: 'cat-owners', traits: facts }, done);
            default:
              return void analytics.track(
                { userId, event: 'Slot Chosen', properties: facts, timestamp: new Date() },
                done,
              );
          }
        }),
    );
    expect(ascending(await storedNumbers('rudder'))).toEqual(everyNumber);
    expect(await readTimeline('rudder-user-3')).toHaveLength(eventsPerSdk / usersPerSdk);
  });
});
