import { type Call, driveCallers, driveRate } from './drive.ts';
import { onStage, type Stage } from './onStage.ts';
import { createPractice } from './practice.ts';
import { latencyRows, takeIn, warmUp } from './requests.ts';
import type { Row } from './row.ts';

const customers = 50;
const durationMs = 3_000;
/** Call-center software gives up on a lookup after about three seconds, and the phone has rung unknown. */
const promisedMs = 3_000;

/** The lookup of call-center software from fifty telephones at once, while events come in. */
export function lookupRows(): Promise<Row[]> {
  return onStage(async (stage) => {
    const practice = createPractice(stage);
    for (let index = 0; index < customers; index++) {
      await practice.send('identify', {
        userId: `caller-${index}`,
        messageId: `caller-${index}`,
        timestamp: new Date().toISOString(),
        traits: { name: `Caller ${index}`, phone: numberOf(index) },
      });
    }
    await warmUp(stage);
    await driveCallers(stage.url, { connections: 50, durationMs }, lookup(stage));
    const writing = takeIn(stage);
    const [asked, written] = await Promise.all([
      driveCallers(stage.url, { connections: 50, durationMs }, lookup(stage)),
      driveRate(stage.url, { perSecond: 100, durationMs }, (index) => writing(index % 10, index)),
    ]);
    return [
      ...latencyRows('lookup: 50 callers beside 100 writes/s', asked, promisedMs),
      ...latencyRows('lookup: the writes beside it', written),
      { name: 'lookup: refused or failed', value: asked.failed + written.failed, unit: 'requests', promise: 0 },
    ];
  });
}

function lookup({ keys }: Stage): (connection: number, index: number) => Call {
  const authorization = `Basic ${Buffer.from(`${keys.lookupKey}:`).toString('base64')}`;
  return (connection, index) => ({
    method: 'GET',
    path: `/lookup?number=${encodeURIComponent(numberOf((connection + index) % customers))}`,
    headers: { authorization },
  });
}

function numberOf(index: number): string {
  return `+4930231${String(25_000 + index)}`;
}
