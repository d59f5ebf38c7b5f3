/**
 * Size of an item in bytes as DynamoDB bills it, never less: names and values in UTF-8, 3 bytes for each list or map and 1 for
 * each of its elements, 1 for null and booleans, and for a number 1 byte per two significant digits plus 1.
 * Source: "DynamoDB item sizes and formats" in the DynamoDB developer guide.
 */
export function itemSize(item: Record<string, unknown>): number {
  let size = 0;
  for (const [name, value] of Object.entries(item)) {
    if (value !== undefined) size += Buffer.byteLength(name) + valueSize(value);
  }
  return size;
}

function valueSize(value: unknown): number {
  if (value === null || typeof value === 'boolean') return 1;
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return numberSize(value);
  if (value instanceof Uint8Array) return value.byteLength;
  if (Array.isArray(value)) return value.reduce<number>((sum, element) => sum + 1 + valueSize(element), 3);
  if (typeof value === 'object') {
    return Object.entries(value).reduce(
      (sum, [name, element]) => (element === undefined ? sum : sum + 1 + Buffer.byteLength(name) + valueSize(element)),
      3,
    );
  }
  throw new TypeError(`an item holds no ${typeof value}`);
}

/** The guide says "approximately": whether a digit before the point shares a byte with one behind it is left open, so a fraction counts one more. */
function numberSize(value: number): number {
  const digits = Math.abs(value).toExponential().split('e')[0]?.replace('.', '').replace(/0+$/, '') ?? '';
  return Math.ceil(digits.length / 2) + 1 + (value < 0 ? 1 : 0) + (Number.isInteger(value) ? 0 : 1);
}
