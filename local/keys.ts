import { parseArgs } from 'node:util';
import { readRunning } from './readRunning.ts';

const { values } = parseArgs({ options: { 'data-dir': { type: 'string', default: '.throughline' } } });
const { keys, url } = readRunning(values['data-dir']);
process.stdout.write(
  `${Object.entries({ api: url, ...keys })
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`,
);
