import type { Head } from '../customer/head.ts';
import { nameOf } from '../customer/preferences.ts';

/** What a search asks for: a name by the beginnings of its words, or a number by its last digits. */
export type SearchQuery = { kind: 'name'; words: string[]; terms: string[] } | NumberQuery;
export interface NumberQuery {
  kind: 'number';
  /** All digits that were given, without leading zeros: no number in E.164 has them. */
  digits: string;
  terms: string[];
}

/** Longer beginnings are looked for under their first six letters and compared with the name that is found. */
const prefixLengths = [3, 4, 5, 6];
const fewestLetters = 3;
/** A leaf is found by so many words of its name: anybody can claim a long one. */
const indexedWords = 4;
const suffixDigits = 7;

/**
 * The terms under which a leaf is found: for each word of the name its beginnings of three to six letters, for two words
 * the first three letters of both, for each number its last seven digits. `Lena Vogt` has five. Numbers that were
 * merely typed into a website lie apart: they must not stand between a caller and who it is.
 */
export function searchTerms({ preferences, identifiers, byChannel }: Head): string[] {
  const words = firstAndLast(wordsOf(nameOf(preferences) ?? '').filter((word) => lengthOf(word) >= fewestLetters));
  const beginnings = words.flatMap((word) => prefixLengths.map((length) => nameTerm(word, length)));
  const pairs = words.flatMap((word, index) => words.slice(index + 1).map((other) => pairTerm(word, other)));
  // Calls and text messages lie on the leaf of their number alone.
  const isNumber = (byChannel.voice ?? 0) + (byChannel.sms ?? 0) > 0;
  const suffixes = identifiers
    .filter(({ type }) => type === 'phone')
    .flatMap(({ trust, value }) => {
      const suffix = suffixOf(value.replace(/\D/g, ''));
      if (suffix === undefined) return [];
      return trust === 'claimed' && !isNumber ? claimedTerm(suffix) : numberTerm(suffix);
    });
  return [...new Set([...beginnings, ...pairs, ...suffixes])];
}

/** What is looked for where somebody types this; undefined where it is too short to find anybody. */
export function readSearchQuery(text: string): SearchQuery | undefined {
  if (/^[\d\s+().,/-]+$/.test(text)) {
    const query = readNumberQuery(text);
    return query && { ...query, terms: [...query.terms, claimedTerm(query.digits.slice(-suffixDigits))] };
  }
  const words = wordsOf(text);
  const telling = words.filter((word) => lengthOf(word) >= fewestLetters);
  const [first, last] = [telling.at(0), telling.at(-1)];
  if (first === undefined || last === undefined) return undefined;
  const term = first === last ? nameTerm(first, prefixLengths.at(-1)) : pairTerm(first, last);
  return { kind: 'name', words, terms: [term] };
}

/** The end of a number, at least seven digits, whatever stands between them; nobody's mere claim answers to it. */
export function readNumberQuery(text: string): NumberQuery | undefined {
  const digits = text.replace('(0)', '').replace(/\D/g, '').replace(/^0+/, '');
  const suffix = suffixOf(digits);
  return suffix === undefined ? undefined : { kind: 'number', digits, terms: [numberTerm(suffix)] };
}

/** Whether a name has, for each of these words, one that begins with it. */
export function isNamed(name: string | undefined, words: readonly string[]): boolean {
  const own = wordsOf(name ?? '');
  return words.every((word) => own.some((one) => one.startsWith(word)));
}

/** Words without case and accents. */
function wordsOf(text: string): string[] {
  const folded = text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[ßæœøłđð]/g, (letter) => undecomposed[letter] ?? letter);
  return folded.match(/[\p{L}\p{N}]+/gu) ?? [];
}

const undecomposed: Record<string, string> = { ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', ł: 'l', đ: 'd', ð: 'd' };

function firstAndLast(words: readonly string[]): string[] {
  const distinct = [...new Set(words)];
  return distinct.length <= indexedWords ? distinct : [...distinct.slice(0, indexedWords - 1), ...distinct.slice(-1)];
}

function nameTerm(word: string, length: number | undefined): string {
  return `name|${beginning(word, length)}`;
}

function pairTerm(word: string, other: string): string {
  return `names|${[beginning(word, fewestLetters), beginning(other, fewestLetters)].sort().join('|')}`;
}

function suffixOf(digits: string): string | undefined {
  return digits.length < suffixDigits ? undefined : digits.slice(-suffixDigits);
}

function numberTerm(suffix: string): string {
  return `number|${suffix}`;
}

function claimedTerm(suffix: string): string {
  return `claimed-number|${suffix}`;
}

function beginning(word: string, length: number | undefined): string {
  return [...word].slice(0, length).join('');
}

function lengthOf(word: string): number {
  return [...word].length;
}
