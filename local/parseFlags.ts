import { parseArgs } from 'node:util';

export interface Flags {
  port: number;
  dataDir: string;
  demo: boolean;
  fresh: boolean;
  json: boolean;
  verbose: boolean;
  help: boolean;
  /** A synthesized assembly to run instead of this repository's own. */
  assembly?: string;
}

export const usage = `npm start -- [flags]
  --port N          port of the API and the pages; default 8080, 0 takes a free one
  --data-dir DIR    where data lives; default .throughline/
  --no-demo         start without the demo story
  --fresh           delete the data first
  --json            print one line of JSON when ready
  --assembly DIR    run this synthesized assembly instead of the repository's own
  --verbose         say what of the template is not run here
  --help            print this
`;

/** Reads the command line; throws one sentence where something in it cannot be meant. */
export function parseFlags(args: readonly string[]): Flags {
  const { values, tokens } = parseArgs({
    args: [...args],
    allowPositionals: true,
    strict: false,
    tokens: true,
    options: {
      port: { type: 'string', default: '8080' },
      'data-dir': { type: 'string', default: '.throughline' },
      assembly: { type: 'string' },
      ...Object.fromEntries(switches.map((name) => [name, { type: 'boolean' as const }])),
    },
  });
  for (const token of tokens) {
    if (token.kind === 'positional') throw new Error(`${token.value} is not a flag: see npm start -- --help.`);
    if (token.kind !== 'option') continue;
    const isSwitch = switches.includes(token.name);
    if (!isSwitch && !withValue.includes(token.name)) {
      throw new Error(`There is no flag ${token.rawName}: see npm start -- --help.`);
    }
    if (isSwitch === (token.value !== undefined) || token.value?.startsWith('-')) {
      throw new Error(`${token.rawName} ${isSwitch ? 'takes no value' : 'needs a value'}: see npm start -- --help.`);
    }
  }
  const { port } = values;
  if (!/^\d{1,5}$/.test(String(port)) || Number(port) > 65_535) {
    throw new Error(`--port takes a number from 0 to 65535, not ${String(port)}.`);
  }
  return {
    port: Number(port),
    dataDir: String(values['data-dir']),
    demo: values['no-demo'] !== true,
    fresh: values.fresh === true,
    json: values.json === true,
    verbose: values.verbose === true,
    help: values.help === true,
    ...(values.assembly === undefined ? {} : { assembly: String(values.assembly) }),
  };
}

const withValue = ['port', 'data-dir', 'assembly'];
const switches = ['no-demo', 'fresh', 'json', 'verbose', 'help'];
