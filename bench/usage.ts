import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { prices } from '../infra/prices.ts';
import type { Platform } from '../local/platform.ts';

/** What something took of what AWS asks money for. */
export interface Usage {
  apiRequests: number;
  invocations: number;
  gigabyteSeconds: number;
  readUnits: number;
  writeUnits: number;
  logGigabytes: number;
  mails: number;
}

/** START, END and REPORT of Lambda, which the platform on this machine does not write. */
const platformLogBytes = 90 + 60 + 200;
/** A line of the gateway's access log. */
const accessLogBytes = 300;
const gigabyte = 1024 ** 3;

/** Measures what happens on the platform while something runs and until everything is projected. */
export async function usageOf(
  platform: Platform,
  run: () => Promise<{ apiRequests: number; mails: number }>,
): Promise<Usage> {
  await platform.drain();
  const before = read(platform);
  const { apiRequests, mails } = await run();
  await platform.drain();
  const after = read(platform);
  const invocations = after.invocations - before.invocations;
  const logBytes = after.logBytes - before.logBytes + invocations * platformLogBytes + apiRequests * accessLogBytes;
  return {
    apiRequests,
    mails,
    invocations,
    gigabyteSeconds: after.gigabyteSeconds - before.gigabyteSeconds,
    readUnits: after.readUnits - before.readUnits,
    writeUnits: after.writeUnits - before.writeUnits,
    logGigabytes: logBytes / gigabyte,
  };
}

/** What a usage costs, `times` over, in dollars by what is paid for. */
export function costOf(usage: Usage, times: number): Record<string, number> {
  const each = {
    requests: usage.apiRequests * prices.apiRequest.dollars,
    functions:
      usage.invocations * prices.functionRequest.dollars +
      usage.gigabyteSeconds * prices.functionGigabyteSecond.dollars,
    table: usage.readUnits * prices.readUnit.dollars + usage.writeUnits * prices.writeUnit.dollars,
    logs: usage.logGigabytes * prices.logGigabyte.dollars,
    mails: usage.mails * prices.mail.dollars,
  };
  return Object.fromEntries(Object.entries(each).map(([what, dollars]) => [what, dollars * times]));
}

function read(platform: Platform): Omit<Usage, 'apiRequests' | 'mails' | 'logGigabytes'> & { logBytes: number } {
  const operations = platform.metrics();
  const functions = platform.invocations();
  const logs = join(platform.dataDir, 'logs');
  return {
    readUnits: sum(operations.map(({ readUnits }) => readUnits)),
    writeUnits: sum(operations.map(({ writeUnits }) => writeUnits)),
    invocations: sum(functions.map(({ count }) => count)),
    gigabyteSeconds: sum(
      functions.map(({ memoryMegabytes, milliseconds }) => (milliseconds / 1000) * (memoryMegabytes / 1024)),
    ),
    logBytes: sum(readdirSync(logs).map((name) => statSync(join(logs, name)).size)),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
