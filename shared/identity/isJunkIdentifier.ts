import type { IdentifierType } from '../contracts/identifier.ts';

/**
 * Whether a value is what programs send instead of an identifier. Thousands of people share such a value, so it links
 * nobody; what comes with it is kept like anything else.
 */
export function isJunkIdentifier(type: IdentifierType, value: string): boolean {
  const text = value.trim().toLowerCase();
  // Of an address the part before the "@" tells: null@example.com. But email@… and test@… are also people's own.
  if (type === 'email') return isOneOf(nobody, text.split('@')[0] ?? '');
  return isOneOf(nobody, text) || isOneOf(fieldNames, text) || isOneCharacterRepeated(type, text);
}

/** After the identifiers that PostHog refuses to merge, and what forms and switchboards write for nobody. */
const nobody: ReadonlySet<string> = new Set([
  'anonymous',
  'anon',
  'guest',
  'invalid',
  'n/a',
  'na',
  'nan',
  'nil',
  'no-reply',
  'nobody',
  'none',
  'noreply',
  'not set',
  'not-set',
  'not_authenticated',
  'not_set',
  'null',
  'restricted',
  'undefined',
  'unidentified',
  'unknown',
]);

const fieldNames: ReadonlySet<string> = new Set([
  '?',
  'customer',
  'default',
  'distinct_id',
  'distinctid',
  'email',
  'false',
  'id',
  'object object',
  'test',
  'true',
  'user',
  'user_id',
  'userid',
  'visitor',
]);

/** Whether the word is in the list or is nothing but zeros and punctuation: 0, -1, 0000-0000; brackets and quotes aside. */
function isOneOf(list: ReadonlySet<string>, word: string): boolean {
  const bare = word.replace(/^[([{<"']+|[)\]}>"']+$/g, '');
  return bare === '-1' || /^[0\s+\-_./()]*$/.test(bare) || list.has(bare);
}

/** `xxxxxx`, 999999; of a number also +49 000 0000 or +1 111 111 1111, where at most the country's digits differ. */
function isOneCharacterRepeated(type: IdentifierType, text: string): boolean {
  const characters = text.replace(/[\s+\-_./()]/g, '');
  return type === 'phone' ? /^\d{0,3}(\d)\1{6,}$/.test(characters) : /^(\w)\1{5,}$/.test(characters);
}
