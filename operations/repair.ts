import { parseArgs } from 'node:util';
import { repairLeaf } from '../shared/repair/repairLeaf.ts';
import { connect } from './connect.ts';

/*
 * `npm run repair -- [--list | --leaf L | --all] [--data-dir DIR]`: the leaves whose projection failed, and their
 * repair from the timelines. It ends with 1 where one could not be repaired.
 */

const usage = 'npm run repair -- [--list | --leaf LEAF | --all] [--data-dir DIR]';

async function run(): Promise<number> {
  const { values } = parseArgs({
    options: {
      list: { type: 'boolean', default: false },
      leaf: { type: 'string' },
      all: { type: 'boolean', default: false },
      'data-dir': { type: 'string', default: '.throughline' },
    },
  });
  if ([values.list, values.all, values.leaf !== undefined].filter(Boolean).length !== 1) throw new Error(usage);
  const { client, ports } = await connect(values['data-dir']);
  const parked = (await ports.parked.list()).filter(({ state }) => state !== 'failing');
  let failed = 0;
  if (values.list) {
    for (const { attempts, consumer, item, leaf, reason, sinceMs, state } of parked) {
      const since = new Date(sinceMs).toISOString();
      print([leaf, state, consumer, reason, `since ${since}`, `attempts ${attempts}`, item ?? ''].join('  ').trimEnd());
    }
    print(`${parked.length} parked`);
  } else {
    for (const leaf of values.leaf === undefined ? parked.map((one) => one.leaf) : [values.leaf]) {
      const outcome = await repairLeaf(ports, leaf);
      const code = outcome.kind === 'failed' && outcome.error instanceof Error ? `  ${outcome.error.name}` : '';
      print(`${leaf}  ${outcome.kind === 'sound' ? 'not parked' : outcome.kind}${code}`);
      if (outcome.kind === 'failed') failed++;
    }
  }
  client.destroy();
  return failed > 0 ? 1 : 0;
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
