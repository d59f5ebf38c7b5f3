import { isRecord } from './json.ts';
import { compileCondition, InvalidPatternError, type Predicate } from './patternCondition.ts';

/**
 * Compiles an EventBridge event pattern, which is also what Lambda's FilterCriteria hold, into a predicate over events.
 * Keys are combined by AND, the values of one field by OR; arrays of the event match when one of their elements does.
 * Throws InvalidPatternError with the path of the fault.
 */
export function compileEventPattern(pattern: unknown): Predicate {
  if (!isRecord(pattern)) throw new InvalidPatternError('$', 'a pattern is an object');
  return compileObject(pattern, '$');
}

/** Whether one event matches one pattern; compile the pattern where many events are matched. */
export function matchesEventPattern(pattern: unknown, event: unknown): boolean {
  return compileEventPattern(pattern)(event);
}

function compileObject(pattern: Record<string, unknown>, path: string): Predicate {
  const parts = Object.entries(pattern).map(([key, value]) =>
    key === '$or' && Array.isArray(value)
      ? compileAlternatives(value, `${path}.$or`)
      : compileField(key, value, `${path}.${key}`),
  );
  // An array of objects matches when a single element satisfies all keys together.
  return (event) =>
    Array.isArray(event)
      ? event.some((element) => isRecord(element) && parts.every((part) => part(element)))
      : parts.every((part) => part(event));
}

function compileAlternatives(alternatives: readonly unknown[], path: string): Predicate {
  const compiled = alternatives.map((alternative, index) => {
    if (!isRecord(alternative)) throw new InvalidPatternError(`${path}[${index}]`, 'an alternative is an object');
    return compileObject(alternative, `${path}[${index}]`);
  });
  if (compiled.length < 2) throw new InvalidPatternError(path, '$or needs at least two alternatives');
  return (event) => compiled.some((matches) => matches(event));
}

function compileField(key: string, value: unknown, path: string): Predicate {
  if (Array.isArray(value)) return compileLeaf(key, value, path);
  if (!isRecord(value)) throw new InvalidPatternError(path, 'a field holds an object or an array of conditions');
  const nested = compileObject(value, path);
  return (event) => nested(isRecord(event) ? event[key] : undefined);
}

function compileLeaf(key: string, conditions: readonly unknown[], path: string): Predicate {
  if (conditions.length === 0) throw new InvalidPatternError(path, 'an array of conditions cannot be empty');
  const compiled = conditions.map((condition, index) => compileCondition(condition, `${path}[${index}]`));
  return (event) => {
    const leaves = leavesOf(isRecord(event) ? event[key] : undefined);
    return compiled.some((condition) => condition(leaves));
  };
}

/** The scalars that a field holds. An object is no leaf, so `exists` sees a field that holds one as absent. */
function leavesOf(value: unknown): unknown[] {
  if (Array.isArray(value)) return value.flatMap(leavesOf);
  return value === undefined || isRecord(value) ? [] : [value];
}
