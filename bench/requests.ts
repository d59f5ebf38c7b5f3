import { randomUUID } from 'node:crypto';
import { type Call, type Driven, driveCallers } from './drive.ts';
import { onStage, type Stage } from './onStage.ts';
import { percentile } from './percentile.ts';
import { eventOf } from './practice.ts';
import type { Row } from './row.ts';

const durationMs = 3_000;

/** Events through gateway, function and engine while their projection runs, from one, ten and fifty callers. */
export function requestRows(): Promise<Row[]> {
  return onStage(async (stage) => {
    await warmUp(stage);
    const rows: Row[] = [];
    let failed = 0;
    for (const connections of [1, 10, 50]) {
      await stage.drain();
      const driven = await driveCallers(stage.url, { connections, durationMs }, takeIn(stage));
      rows.push(...latencyRows(`requests: take in, ${connections} connection${connections === 1 ? '' : 's'}`, driven));
      failed += driven.failed;
    }
    return [...rows, { name: 'requests: refused or failed', value: failed, unit: 'requests', promise: 0 }];
  });
}

/** As many environments of the functions start as there will be, and compile their code, before anything is measured. */
export async function warmUp(stage: Stage): Promise<void> {
  await driveCallers(stage.url, { connections: 50, durationMs: 2_000 }, takeIn(stage));
  await stage.drain();
}

/** One event of 600 B after the other, of twenty customers per connection. */
export function takeIn({ keys }: Stage): (connection: number, index: number) => Call {
  const authorization = `Basic ${Buffer.from(`${keys.serverWriteKey}:`).toString('base64')}`;
  return (connection, index) => ({
    method: 'POST',
    path: '/v1/track',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify(eventOf(600, `load-${connection}-${index % 20}`, randomUUID())),
  });
}

/** How many were answered in a second, and how long that took half of them and all but one in a hundred, which may be promised. */
export function latencyRows(name: string, { milliseconds, perSecond }: Driven, promisedMs?: number): Row[] {
  const at = (percent: number) => Number(percentile(milliseconds, percent).toFixed(1));
  return [
    { name, value: Math.round(perSecond), unit: 'requests/s' },
    { name: `${name}, p50`, value: at(50), unit: 'ms' },
    { name: `${name}, p99`, value: at(99), unit: 'ms', ...(promisedMs === undefined ? {} : { promise: promisedMs }) },
  ];
}
