/** Whether a JSON value nests deeper than so many objects and lists. Needs no stack of its own depth. */
export function nestsDeeperThan(maxDepth: number, value: unknown): boolean {
  let level = children(value);
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === maxDepth) return true;
    level = level.flatMap(children);
  }
  return false;
}

/** The objects and lists directly inside; a plain value has none. */
function children(value: unknown): unknown[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).filter((inner) => typeof inner === 'object' && inner !== null);
}
