import { cutText } from '../conversation/cutText.ts';

/** Control characters besides tab and line feed; among them the ones that turn the direction of writing around. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what this is about.
const controls = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g;

/** A text as it may stand anywhere: lines end in line feeds, nothing invisible steers a terminal or a page. */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029]/g, '\n')
    .replace(controls, '')
    .replace(/\u00a0/g, ' ');
}

/** A header's value on one line, at most `length` characters: nobody smuggles in further lines. */
export function cleanLine(value: string, length: number): string {
  return cutText(cleanText(value.slice(0, length * 8)), length);
}

/** The beginning of a text, at most `bytes` of UTF-8, never half a character. */
export function cutBytes(text: string, bytes: number): string {
  const encoded = Buffer.from(text, 'utf8');
  if (encoded.length <= bytes) return text;
  let end = bytes;
  // The bytes 10xxxxxx continue a character.
  while (end > 0 && ((encoded[end] ?? 0) & 0xc0) === 0x80) end--;
  return encoded.subarray(0, end).toString('utf8');
}
