import * as z from 'zod';
import {
  type Defaults,
  defaultsSchema,
  type Source,
  sourceSchema,
  type TokenKeys,
  tokenKeysSchema,
} from '../contracts/source.ts';

/** What an operator sets up outside the code: the pepper, token keys and sources, from the parameter set. */
export interface Settings {
  pepper: Buffer;
  tokenKeys: TokenKeys;
  sources: Source[];
  defaults: Defaults;
}

const pepperSchema = z
  .base64()
  .transform((text) => Buffer.from(text, 'base64'))
  .refine((bytes) => bytes.length >= 32, 'expected at least 32 bytes');

/**
 * Parses the parameter set (`pepper`, `token-keys`, `defaults`, `sources/<name>`). Throws one error that lists every
 * fault by parameter name; values stay out of it.
 */
export function parseSettings(parameters: ReadonlyMap<string, string>): Settings {
  const faults: string[] = [];
  const read = <T>(name: string, schema: z.ZodType<T>, value: unknown): T | undefined => {
    const result = schema.safeParse(value);
    if (result.success) return result.data;
    for (const issue of result.error.issues) faults.push(`${[name, ...issue.path].join('.')}: ${issue.message}`);
    return undefined;
  };
  const pepper = read('pepper', pepperSchema, parameters.get('pepper'));
  const tokenKeys = read('token-keys', tokenKeysSchema, json(parameters.get('token-keys')));
  // The only parameter that may be missing: a deployment from before it has none.
  const defaults = read('defaults', defaultsSchema, parameters.has('defaults') ? json(parameters.get('defaults')) : {});
  const sources: Source[] = [];
  for (const [name, value] of parameters) {
    if (!name.startsWith('sources/')) continue;
    const source = read(name, sourceSchema, json(value));
    if (source) sources.push(source);
  }
  if (faults.length > 0 || pepper === undefined || tokenKeys === undefined || defaults === undefined) {
    throw new Error(`The parameter set is not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
  return { pepper, tokenKeys, sources, defaults };
}

function json(text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}
