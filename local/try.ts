import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { readRunning } from './readRunning.ts';

/*
 * `npm run try`: one Segment event through the front door, then the customer's timeline and what taking the event in
 * cost, read from the engine's own figures.
 */

interface Metrics {
  operations: { function: string; operation: string; calls: number; readUnits: number; writeUnits: number }[];
}
interface Page {
  interactions: { occurredAt: string; type: string; text?: string; source: string; trust: string }[];
}

const { values } = parseArgs({ options: { 'data-dir': { type: 'string', default: '.throughline' } } });
const { url, keys } = readRunning(values['data-dir']);
const agent = { authorization: `Bearer ${keys.agentApiKey}` };
const userId = 'cust-17';
const event = {
  userId,
  event: 'Appointment Booked',
  messageId: `try-${randomUUID()}`,
  timestamp: new Date().toISOString(),
  properties: { animal: 'Minka', reason: 'vaccination', practice: 'Lindenhof' },
};

const say = (line: string) => process.stdout.write(`${line}\n`);

async function call<T>(path: string, init: RequestInit = {}): Promise<T> {
  const response = await fetch(url + path, init);
  if (!response.ok) throw new Error(`${path} was answered ${response.status}: ${await response.text()}`);
  return (await response.json()) as T;
}

/** What the function that takes events in has used so far. */
async function collected(): Promise<{ calls: number; readUnits: number; writeUnits: number }> {
  const { operations } = await call<Metrics>('/_local/metrics');
  const total = { calls: 0, readUnits: 0, writeUnits: 0 };
  for (const operation of operations) {
    if (operation.function !== 'collect-events') continue;
    total.calls += operation.calls;
    total.readUnits += operation.readUnits;
    total.writeUnits += operation.writeUnits;
  }
  return total;
}

const before = await collected();
const startedMs = performance.now();
const answer = await call<unknown>('/v1/track', {
  method: 'POST',
  headers: {
    authorization: `Basic ${Buffer.from(`${keys.serverWriteKey}:`).toString('base64')}`,
    'content-type': 'application/json',
  },
  body: JSON.stringify(event),
});
const tookMs = Math.round(performance.now() - startedMs);
const after = await collected();
const { customers } = await call<{ customers: { customerId: string }[] }>(`/customers?identifier=userId:${userId}`, {
  headers: agent,
});
const customerId = customers[0]?.customerId;
const { interactions } = await call<Page>(`/customers/${customerId}/timeline?limit=5`, { headers: agent });

say(`POST /v1/track   "${event.event}" for userId ${userId}   ${JSON.stringify(answer)} in ${tookMs} ms`);
say(
  `Taking it in: ${after.writeUnits - before.writeUnits} write unit, ${after.readUnits - before.readUnits} read units, ${after.calls - before.calls} call`,
);
say(`\nTimeline of customer ${customerId}, newest first`);
for (const { occurredAt, type, text, source, trust } of interactions) {
  say(
    `  ${occurredAt.slice(0, 19).replace('T', ' ')}  ${type.padEnd(18)} ${(text ?? '').padEnd(28)} ${source}, ${trust}`,
  );
}
say(`\nAs a page: ${url}/console/customer?identifier=userId:${userId}`);
