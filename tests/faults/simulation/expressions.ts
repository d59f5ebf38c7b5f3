import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';

/** An item as the wire has it. */
export type Attributes = Record<string, AttributeValue>;

/** What a request says beside an expression. */
export interface Placeholders {
  ExpressionAttributeNames?: Record<string, string> | undefined;
  ExpressionAttributeValues?: Attributes | undefined;
}

type Test = (item: Attributes | undefined) => boolean;

const tests = new Map<string, (placeholders: Placeholders) => Test>();

/**
 * Whether a condition expression holds for an item. Understood are `attribute_exists`, `attribute_not_exists`, `=`, `<>`
 * and for numbers `<` and `>` with a placeholder at the right, AND, OR and parentheses; anything else is an error, so that the simulation never
 * passes by misunderstanding.
 */
export function conditionHolds(expression: string, placeholders: Placeholders, item: Attributes | undefined): boolean {
  const known = tests.get(expression) ?? parse(expression);
  tests.set(expression, known);
  return known(placeholders)(item);
}

/** The attributes that `SET a = :a, …` changes. */
export function assignmentsOf(expression: string, placeholders: Placeholders): Attributes {
  const [, list] = /^SET (.+)$/.exec(expression) ?? [];
  if (list === undefined) throw misunderstood(expression);
  return Object.fromEntries(
    list.split(', ').map((assignment) => {
      const [, name, value] = /^(#?\w+) = (:\w+)$/.exec(assignment) ?? [];
      if (name === undefined || value === undefined) throw misunderstood(expression);
      return [nameOf(name, placeholders), givenValue(value, placeholders)];
    }),
  );
}

export function nameOf(name: string, { ExpressionAttributeNames: names }: Placeholders): string {
  if (!name.startsWith('#')) return name;
  const given = names?.[name];
  if (given === undefined) throw new Error(`an expression uses ${name}, which the request does not name`);
  return given;
}

export function givenValue(name: string, { ExpressionAttributeValues: values }: Placeholders): AttributeValue {
  const given = values?.[name];
  if (given === undefined) throw new Error(`an expression uses ${name}, which the request does not give`);
  return given;
}

/** One scalar as text that differs for different values. */
export function scalarText(value: AttributeValue | undefined): string | undefined {
  return value && JSON.stringify(Object.entries(value));
}

function parse(expression: string): (placeholders: Placeholders) => Test {
  const tokens = expression.match(/\(|\)|<>|<|>|=|[#:]?\w+/g) ?? [];
  let at = 0;
  const take = (token: string): boolean => {
    if (tokens[at] !== token) return false;
    at++;
    return true;
  };
  const next = (): string => {
    const token = tokens[at++];
    if (token === undefined) throw misunderstood(expression);
    return token;
  };

  type Node = (placeholders: Placeholders) => Test;
  const term = (): Node => {
    if (take('(')) {
      const inner = either();
      if (!take(')')) throw misunderstood(expression);
      return inner;
    }
    const first = next();
    if (first === 'attribute_exists' || first === 'attribute_not_exists') {
      if (!take('(')) throw misunderstood(expression);
      const name = next();
      if (!take(')')) throw misunderstood(expression);
      const wanted = first === 'attribute_exists';
      return (placeholders) => (item) => (item?.[nameOf(name, placeholders)] !== undefined) === wanted;
    }
    const operator = next();
    const value = next();
    if (!['=', '<>', '<', '>'].includes(operator) || !value.startsWith(':')) throw misunderstood(expression);
    return (placeholders) => (item) => {
      if (operator === '<' || operator === '>') {
        const [one, other] = [item?.[nameOf(first, placeholders)], givenValue(value, placeholders)];
        // As the service has it: what is absent is neither smaller nor greater.
        if (one === undefined) return false;
        if (one.N === undefined || other.N === undefined) throw misunderstood(expression);
        return operator === '<' ? Number(one.N) < Number(other.N) : Number(one.N) > Number(other.N);
      }
      const present = scalarText(item?.[nameOf(first, placeholders)]);
      const isEqual = present === scalarText(givenValue(value, placeholders));
      // As the service has it: what is absent is unequal to everything.
      return operator === '=' ? isEqual : !isEqual;
    };
  };
  const every = (): Node => {
    const parts = [term()];
    while (take('AND')) parts.push(term());
    return (placeholders) => (item) => parts.every((part) => part(placeholders)(item));
  };
  const either = (): Node => {
    const parts = [every()];
    while (take('OR')) parts.push(every());
    return (placeholders) => (item) => parts.some((part) => part(placeholders)(item));
  };

  const whole = either();
  if (at !== tokens.length) throw misunderstood(expression);
  return whole;
}

function misunderstood(expression: string): Error {
  return new Error(`the engine in memory does not understand: ${expression}`);
}

/** Items are strings and numbers, bytes and texts; this reads them as plain values. */
export function plain(attributes: Attributes): Record<string, unknown> {
  return unmarshall(attributes);
}
