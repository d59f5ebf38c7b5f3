/** An attribute value as DynamoDB's JSON carries it. */
export type WireValue = Record<string, unknown>;
export type WireItem = Record<string, WireValue>;

/** Bytes of an item by DynamoDB's published rule: names and strings as UTF-8, numbers by their digits, 3 per container plus 1 per element. */
export function itemSize(item: WireItem): number {
  return Object.entries(item).reduce((bytes, [name, value]) => bytes + Buffer.byteLength(name) + valueSize(value), 0);
}

function valueSize(value: WireValue): number {
  const [[type, content] = []] = Object.entries(value);
  switch (type) {
    case 'S':
      return Buffer.byteLength(String(content));
    case 'N':
      return numberSize(String(content));
    case 'B':
      return Buffer.byteLength(String(content), 'base64');
    case 'SS':
      return sum(content, (text) => Buffer.byteLength(String(text)));
    case 'NS':
      return sum(content, (digits) => numberSize(String(digits)));
    case 'BS':
      return sum(content, (bytes) => Buffer.byteLength(String(bytes), 'base64'));
    case 'L':
      return 3 + sum(content, (element) => 1 + valueSize(element as WireValue));
    case 'M': {
      const members = (content ?? {}) as WireItem;
      return 3 + Object.keys(members).length + itemSize(members);
    }
    default:
      return 1;
  }
}

/** One byte per two significant digits and one more; digits before and behind the point share no byte. */
function numberSize(digits: string): number {
  const [whole = '', fraction = ''] = digits
    .replace(/[eE].*$/, '')
    .replace(/^-?0*/, '')
    .split('.');
  const behind = fraction.replace(/0+$/, '');
  const pairs =
    whole !== '' && behind !== ''
      ? Math.ceil(whole.length / 2) + Math.ceil(behind.length / 2)
      : Math.ceil((whole.replace(/0+$/, '') + behind.replace(/^0+/, '')).length / 2);
  return pairs + 1 + (digits.startsWith('-') ? 1 : 0);
}

function sum(list: unknown, size: (element: unknown) => number): number {
  return Array.isArray(list) ? list.reduce<number>((bytes, element) => bytes + size(element), 0) : 0;
}
