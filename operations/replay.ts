import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Leaf } from '../shared/identity/leaf.ts';
import { auditCustomer, type Difference } from '../shared/repair/auditCustomer.ts';
import { replayCustomer } from '../shared/repair/replayCustomer.ts';
import { type Connection, connect } from './connect.ts';
import { listLeaves } from './listLeaves.ts';

/*
 * `npm run replay -- [--leaf L | --all] [--check] [--data-dir DIR]`: folds customers again from their timelines. With
 * --check it writes nothing, prints what differs, by ids, and ends with 1 if anything does.
 */

const usage = 'npm run replay -- [--leaf LEAF | --all] [--check] [--data-dir DIR]';
/** Customers that are folded at the same time. */
const concurrency = 8;
/** What differs may be on its way through the streams: it is looked at again after so long, in milliseconds. */
const settlingMs = [500, 2_000];

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: {
      leaf: { type: 'string' },
      all: { type: 'boolean', default: false },
      check: { type: 'boolean', default: false },
      'data-dir': { type: 'string', default: '.throughline' },
    },
  });
  if ((values.leaf === undefined) !== values.all) throw new Error(usage);
  const connection = await connect(values['data-dir']);
  const startedMs = performance.now();
  const counts = { customers: 0, differences: 0, unreadable: 0 };
  const handle = async (leaf: Leaf) => {
    counts.customers++;
    try {
      const differences = values.check ? await check(connection, leaf) : await replayCustomer(connection.ports, leaf);
      for (const { id, what } of differences) print(`${what} ${id}`);
      counts.differences += differences.length;
    } catch (error) {
      // Names of errors are codes; their texts may hold what a customer wrote.
      print(`unreadable ${leaf} ${error instanceof Error ? error.name : 'unknown'}`);
      counts.unreadable++;
    }
  };
  await sideBySide(values.leaf === undefined ? roots(connection) : [values.leaf], handle);
  const perSecond = Math.round((counts.customers / (performance.now() - startedMs)) * 1000);
  const deed = values.check ? 'differ' : 'were mended';
  print(
    `${counts.customers} customers (${perSecond}/s), ${counts.differences} items ${deed}, ${counts.unreadable} unreadable`,
  );
  connection.client.destroy();
  return counts.unreadable > 0 || (values.check && counts.differences > 0) ? 1 : 0;
}

/** What differs and still does when the streams have had time. */
async function check({ ports }: Connection, leaf: Leaf): Promise<Difference[]> {
  let { differences } = await auditCustomer(ports, leaf);
  for (const waitMs of settlingMs) {
    if (differences.length === 0) break;
    await pause(waitMs);
    const again = new Set((await auditCustomer(ports, leaf)).differences.map(nameOf));
    differences = differences.filter((difference) => again.has(nameOf(difference)));
  }
  return differences;
}

/** One leaf of each customer. A leaf that cannot be found is its own: folding it tells why. */
async function* roots(connection: Connection): AsyncGenerator<Leaf> {
  for await (const leaf of listLeaves(connection)) {
    const found = await connection.ports.identities.find(leaf).catch(() => undefined);
    if (found === undefined || found.root === leaf) yield leaf;
  }
}

async function sideBySide(leaves: Iterable<Leaf> | AsyncIterable<Leaf>, handle: (leaf: Leaf) => Promise<void>) {
  const underWay = new Set<Promise<void>>();
  for await (const leaf of leaves) {
    const work = handle(leaf).finally(() => underWay.delete(work));
    underWay.add(work);
    if (underWay.size >= concurrency) await Promise.race(underWay);
  }
  await Promise.all(underWay);
}

function nameOf({ id, what }: Difference): string {
  return `${what} ${id}`;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

try {
  process.exitCode = await run();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
