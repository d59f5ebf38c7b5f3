import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import type { ServiceAnswer, ServiceHandler } from '../ports.ts';

interface StoredParameter {
  type: string;
  value: string;
  version: number;
  modifiedAtSeconds: number;
}

export interface ParameterStoreOptions {
  /** The JSON file, readable by its owner only; its directory exists. */
  file: string;
  /** Epoch milliseconds. */
  now(): number;
}

export interface ParameterStore {
  handle: ServiceHandler;
  /** Sets a plain parameter that the template declares. */
  declare(name: string, value: string): void;
  isEmpty(): boolean;
  /** Keeps everything in memory until `work` has succeeded: what it learns only once must lie safe before. */
  saveAfter<T>(work: () => Promise<T>): Promise<T>;
}

type Input = Record<string, unknown>;
type Action = (parameters: Map<string, StoredParameter>, input: Input, nowMs: number) => unknown;

/** The small part of SSM's parameter store that functions and the provisioning use; every value lies in one file. */
export function createParameterStore({ file, now }: ParameterStoreOptions): ParameterStore {
  let parameters = load(file);
  let deferred = false;
  const keep = () => {
    if (!deferred) save(file, parameters);
  };
  const handle: ServiceHandler = async ({ headers, body }) => {
    const operation = (headers['x-amz-target'] ?? '').split('.')[1] ?? '';
    const action = actions[operation];
    if (!action) return refusal('UnknownOperationException', `${operation} is not emulated`);
    try {
      const result = action(parameters, JSON.parse(body.toString('utf8') || '{}') as Input, now());
      if (changing.has(operation)) keep();
      return { status: 200, headers: jsonType, body: JSON.stringify(result) };
    } catch (error) {
      if (error instanceof Refused) return refusal(error.code, error.message);
      throw error;
    }
  };
  return {
    handle,
    declare: (name, value) => {
      if (parameters.get(name)?.value === value) return;
      parameters.set(name, { type: 'String', value, version: 1, modifiedAtSeconds: now() / 1000 });
      keep();
    },
    isEmpty: () => parameters.size === 0,
    saveAfter: async (work) => {
      deferred = true;
      try {
        const result = await work();
        save(file, parameters);
        return result;
      } catch (error) {
        parameters = load(file);
        throw error;
      } finally {
        deferred = false;
      }
    },
  };
}

class Refused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

const jsonType = { 'content-type': 'application/x-amz-json-1.1' };
const changing = new Set(['PutParameter', 'DeleteParameter', 'DeleteParameters']);

function refusal(code: string, message: string): ServiceAnswer {
  return { status: 400, headers: jsonType, body: JSON.stringify({ __type: code, message }) };
}

const actions: Record<string, Action> = {
  GetParameter: (parameters, { Name, WithDecryption }) => ({
    Parameter: shown(String(Name), found(parameters, String(Name)), WithDecryption === true),
  }),
  GetParameters: (parameters, { Names, WithDecryption }) => {
    const names = Names as string[];
    const known = names.flatMap((name) => {
      const parameter = parameters.get(name);
      return parameter ? [shown(name, parameter, WithDecryption === true)] : [];
    });
    return { Parameters: known, InvalidParameters: names.filter((name) => !parameters.has(name)) };
  },
  GetParametersByPath: (parameters, { Path, Recursive, WithDecryption, MaxResults, NextToken }) => {
    const path = String(Path).endsWith('/') ? String(Path) : `${String(Path)}/`;
    const limit = typeof MaxResults === 'number' ? MaxResults : 10;
    if (limit < 1 || limit > 10) throw new Refused('ValidationException', 'MaxResults must be from 1 to 10');
    const names = [...parameters.keys()]
      .filter((name) => name.startsWith(path) && (Recursive === true || !name.slice(path.length).includes('/')))
      .sort();
    const start = typeof NextToken === 'string' ? names.filter((name) => name <= NextToken).length : 0;
    const page = names.slice(start, start + limit);
    return {
      Parameters: page.map((name) => shown(name, found(parameters, name), WithDecryption === true)),
      ...(start + limit < names.length ? { NextToken: page.at(-1) } : {}),
    };
  },
  PutParameter: (parameters, { Name, Value, Type, Overwrite }, nowMs) => {
    const name = String(Name);
    const existing = parameters.get(name);
    if (existing && Overwrite !== true) {
      throw new Refused('ParameterAlreadyExists', 'The parameter already exists. Set Overwrite to replace it.');
    }
    if (!existing && Type === undefined) throw new Refused('ValidationException', 'A new parameter needs a type.');
    const version = (existing?.version ?? 0) + 1;
    const type = String(Type ?? existing?.type);
    parameters.set(name, { type, value: String(Value), version, modifiedAtSeconds: nowMs / 1000 });
    return { Version: version, Tier: 'Standard' };
  },
  DeleteParameter: (parameters, { Name }) => {
    found(parameters, String(Name));
    parameters.delete(String(Name));
    return {};
  },
  DeleteParameters: (parameters, { Names }) => {
    const names = Names as string[];
    const known = names.filter((name) => parameters.has(name));
    for (const name of known) parameters.delete(name);
    return { DeletedParameters: known, InvalidParameters: names.filter((name) => !known.includes(name)) };
  },
};

function found(parameters: ReadonlyMap<string, StoredParameter>, name: string): StoredParameter {
  const parameter = parameters.get(name);
  if (!parameter) throw new Refused('ParameterNotFound', `Parameter ${name} not found.`);
  return parameter;
}

/** A secret without decryption comes as something that nobody can use, as from AWS. */
function shown(name: string, parameter: StoredParameter, decrypted: boolean): object {
  const readable = parameter.type !== 'SecureString' || decrypted;
  return {
    Name: name,
    Type: parameter.type,
    Value: readable ? parameter.value : 'encrypted',
    Version: parameter.version,
    LastModifiedDate: parameter.modifiedAtSeconds,
    ARN: `arn:aws:ssm:eu-central-1:000000000000:parameter${name.startsWith('/') ? '' : '/'}${name}`,
    DataType: 'text',
  };
}

function load(file: string): Map<string, StoredParameter> {
  if (!existsSync(file)) return new Map();
  return new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, StoredParameter>));
}

function save(file: string, parameters: ReadonlyMap<string, StoredParameter>): void {
  writeFileSync(`${file}.new`, `${JSON.stringify(Object.fromEntries(parameters), undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
