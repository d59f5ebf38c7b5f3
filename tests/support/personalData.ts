import { createHash } from 'node:crypto';

/** Something that must stand nowhere in clear. */
export interface Private {
  /** What it is, for people: `email of Lena`. */
  what: string;
  value: string;
  /** A telephone number is one in every way of writing it. */
  isNumber?: boolean;
}

export interface Leak {
  what: string;
  /** How it was written: `plain`, `base64`, … */
  notation: string;
  /** The line in which it stands. */
  line: string;
}

/** Words by which a text is recognised, also where only a piece of it was copied. */
const wordsOfPiece = 3;
const shortestPiece = 10;
/** Shorter ones occur in random ids: they count as words of their own only. */
const shortestPart = 8;

/** Three words at a time of a text, for each place at which they can begin. */
export function piecesOf(what: string, text: string): Private[] {
  const words = text.split(/\s+/).filter((word) => word !== '');
  if (words.length <= wordsOfPiece) return [{ what, value: text }];
  return words
    .slice(0, 1 - wordsOfPiece)
    .map((_, index) => words.slice(index, index + wordsOfPiece).join(' '))
    .filter((piece) => piece.length >= shortestPiece)
    .map((value) => ({ what, value }));
}

/**
 * Where something private stands in lines of text: as it is in any case, escaped for JSON or an address, as digits in
 * any notation, in base64 beginning anywhere, in hexadecimal, and as the hash that everybody can compute.
 */
export function findLeaks(lines: readonly string[], secrets: readonly Private[]): Leak[] {
  const notations = secrets.flatMap(notationsOf);
  return lines.flatMap((line) => {
    const views = viewsOf(line);
    return notations
      .filter(({ isIn }) => views.some(isIn))
      .map(({ notation, what }) => ({ what, notation, line: line.slice(0, 500) }));
  });
}

interface View {
  text: string;
  lower: string;
}

/** The line, and what it says once escapes are undone. */
function viewsOf(line: string): View[] {
  const unescaped = line
    .replace(/\\u([0-9a-fA-F]{4})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
    .replace(/\\[nrt]/g, ' ')
    .replace(/\\(.)/g, '$1');
  const decoded = unescaped.replace(/\+/g, ' ').replace(/(?:%[0-9a-fA-F]{2})+/g, (bytes) => {
    return Buffer.from(bytes.replaceAll('%', ''), 'hex').toString('utf8');
  });
  const quoted = unescaped.replace(/=([0-9A-F]{2})/g, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
  return [...new Set([line, unescaped, decoded, quoted])].map((text) => ({ text, lower: text.toLowerCase() }));
}

function notationsOf({ isNumber = false, value, what }: Private) {
  const plain = value.toLowerCase();
  const asWord = new RegExp(`(?<![\\w-])${escaped(plain)}(?![\\w-])`);
  const isShort = value.length < shortestPart;
  const found = (notation: string, isIn: (view: View) => boolean) => ({ what, notation, isIn });
  const bytes = Buffer.from(value);
  const base64 = base64Of(bytes);
  const hashes = (['sha256', 'sha1', 'md5'] as const).flatMap((algorithm) => {
    const hash = createHash(algorithm)
      .update(isNumber ? value : plain)
      .digest();
    return [hash.toString('hex'), hash.toString('base64url').slice(0, 16)];
  });
  return [
    found('plain', ({ lower }) => (isShort ? asWord.test(lower) : lower.includes(plain))),
    ...(isNumber ? [found('digits', ({ text }) => digitsOf(value).test(text))] : []),
    ...(isShort
      ? []
      : [
          found('base64', ({ text }) => base64.some((part) => text.includes(part))),
          found('hexadecimal', ({ lower }) => lower.includes(bytes.toString('hex'))),
          found('hash', ({ text }) => hashes.some((hash) => text.includes(hash))),
        ]),
  ];
}

/** The number without what countries put before it, whatever stands between its digits. */
function digitsOf(e164: string): RegExp {
  const national = e164.replace(/\D/g, '').slice(2);
  return new RegExp([...national].join('[\\s()./%-]{0,3}'));
}

/** What of the base64 of a value does not depend on what stands before and after it, in both alphabets. */
function base64Of(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const first = Math.ceil((before * 8) / 6);
    const last = Math.floor(((before + bytes.length) * 8) / 6);
    const part = encoded.slice(first, last);
    return [part, part.replaceAll('+', '-').replaceAll('/', '_')];
  });
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
