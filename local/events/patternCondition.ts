import { BlockList, isIP, isIPv4 } from 'node:net';
import { isRecord } from './json.ts';

export type Predicate = (event: unknown) => boolean;

/** Decides over all leaves that a field of the event holds; none means that the field is absent. */
export type LeavesPredicate = (leaves: readonly unknown[]) => boolean;

/** A pattern that AWS would refuse when the rule or the mapping is created. */
export class InvalidPatternError extends Error {
  override name = 'InvalidPatternError';
  constructor(path: string, reason: string) {
    super(`Event pattern is not valid at ${path}: ${reason}`);
  }
}

/** Compiles one element of a condition array: a literal, or an object with a single operator. */
export function compileCondition(condition: unknown, path: string): LeavesPredicate {
  if (!isRecord(condition)) return some(literal(condition, path));
  const [operator, ...more] = Object.keys(condition);
  if (operator === undefined || more.length > 0)
    throw new InvalidPatternError(path, 'exactly one operator is expected');
  const operand = condition[operator];
  if (operator === 'exists') {
    if (typeof operand !== 'boolean') throw new InvalidPatternError(path, 'exists takes true or false');
    return (leaves) => leaves.length > 0 === operand;
  }
  return some(compileOperator(operator, operand, path));
}

function some(predicate: Predicate): LeavesPredicate {
  return (leaves) => leaves.some(predicate);
}

function literal(expected: unknown, path: string): Predicate {
  if (expected !== null && !['string', 'number', 'boolean'].includes(typeof expected)) {
    throw new InvalidPatternError(path, 'a literal is a string, a number, true, false or null');
  }
  return (value) => value === expected;
}

function compileOperator(operator: string, operand: unknown, path: string): Predicate {
  switch (operator) {
    case 'prefix':
      return affix(operand, path, (value, part) => value.startsWith(part));
    case 'suffix':
      return affix(operand, path, (value, part) => value.endsWith(part));
    case 'equals-ignore-case':
      return ignoringCase(operand, path, (value, expected) => value === expected);
    case 'wildcard':
      return onText(wildcard(text(operand, path), path));
    case 'numeric':
      return numeric(operand, path);
    case 'anything-but':
      return anythingBut(operand, path);
    case 'cidr':
      return cidr(text(operand, path), path);
    default:
      throw new InvalidPatternError(path, `unknown operator "${operator}"`);
  }
}

function text(operand: unknown, path: string): string {
  if (typeof operand !== 'string') throw new InvalidPatternError(path, 'a string is expected');
  return operand;
}

function onText(predicate: (value: string) => boolean): Predicate {
  return (value) => typeof value === 'string' && predicate(value);
}

type Comparison = (value: string, part: string) => boolean;

function affix(operand: unknown, path: string, compare: Comparison): Predicate {
  if (isRecord(operand)) return ignoringCase(operand['equals-ignore-case'], path, compare);
  const part = text(operand, path);
  return onText((value) => compare(value, part));
}

function ignoringCase(operand: unknown, path: string, compare: Comparison): Predicate {
  const part = text(operand, path).toLowerCase();
  return onText((value) => compare(value.toLowerCase(), part));
}

/** `*` stands for any characters, `\*` and `\\` for themselves. */
function wildcard(pattern: string, path: string): (value: string) => boolean {
  if (/(?<!\\)(?:\\\\)*\*\*/.test(pattern)) throw new InvalidPatternError(path, 'consecutive wildcards');
  const source = pattern.replace(/\\([*\\])|\*|[^*\\]+|\\/g, (token, escaped?: string) => {
    if (token === '*') return '.*';
    return (escaped ?? token).replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  });
  const expression = new RegExp(`^${source}$`, 's');
  return (value) => expression.test(value);
}

const comparisons: Record<string, (value: number, bound: number) => boolean> = {
  '=': (value, bound) => value === bound,
  '<': (value, bound) => value < bound,
  '<=': (value, bound) => value <= bound,
  '>': (value, bound) => value > bound,
  '>=': (value, bound) => value >= bound,
};

function numeric(operand: unknown, path: string): Predicate {
  if (!Array.isArray(operand) || (operand.length !== 2 && operand.length !== 4)) {
    throw new InvalidPatternError(path, 'numeric takes one or two pairs of comparison and number');
  }
  const checks: ((value: number) => boolean)[] = [];
  for (let index = 0; index < operand.length; index += 2) {
    const compare = comparisons[String(operand[index])];
    const bound: unknown = operand[index + 1];
    if (!compare || typeof bound !== 'number') {
      throw new InvalidPatternError(path, 'numeric compares by =, <, <=, > or >= with a number');
    }
    checks.push((value) => compare(value, bound));
  }
  return (value) => typeof value === 'number' && checks.every((check) => check(value));
}

function anythingBut(operand: unknown, path: string): Predicate {
  const excluded = isRecord(operand) ? excludedByOperator(operand, path) : excludedLiterals(operand, path);
  return (value) => !excluded.some((excludes) => excludes(value));
}

function excludedLiterals(operand: unknown, path: string): Predicate[] {
  const values: unknown[] = Array.isArray(operand) ? operand : [operand];
  if (values.length === 0) throw new InvalidPatternError(path, 'anything-but needs a value');
  return values.map((value) => literal(value, path));
}

const negatable = ['prefix', 'suffix', 'equals-ignore-case', 'wildcard'];

function excludedByOperator(operand: Record<string, unknown>, path: string): Predicate[] {
  const [operator, ...more] = Object.keys(operand);
  if (operator === undefined || more.length > 0 || !negatable.includes(operator)) {
    throw new InvalidPatternError(path, `anything-but takes literals or one of ${negatable.join(', ')}`);
  }
  const inner = operand[operator];
  const parts: unknown[] = Array.isArray(inner) ? inner : [inner];
  return parts.map((part) => compileOperator(operator, part, path));
}

function cidr(range: string, path: string): Predicate {
  const [network = '', bits = ''] = range.split('/');
  const list = new BlockList();
  try {
    list.addSubnet(network, Number(bits), isIPv4(network) ? 'ipv4' : 'ipv6');
  } catch {
    throw new InvalidPatternError(path, 'cidr takes an address range such as 10.0.0.0/24');
  }
  return onText((value) => isIP(value) !== 0 && list.check(value, isIPv4(value) ? 'ipv4' : 'ipv6'));
}
