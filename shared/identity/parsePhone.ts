import { type CountryCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/**
 * A number as people and telephone systems write it, in E.164 (`+493023125100`): international with `+` or `00`, with a
 * space where a query string lost its `+`, or as it is dialled in the default country (ISO 3166, two letters).
 * An extension is left out. Undefined for withheld numbers, short codes and whatever else is no number of a person.
 */
export function parsePhone(text: string, defaultCountry: string): string | undefined {
  const spelt = spellInternational(text);
  if (spelt.length > maxLength || isWithheld(spelt)) return undefined;
  const country = isSupportedCountry(defaultCountry) ? { defaultCountry: defaultCountry satisfies CountryCode } : {};
  const number = parsePhoneNumberFromString(spelt, { ...country, extract: false });
  if (number === undefined || digitsOf(number.number) > mostDigits) return undefined;
  // An international number names its country, so a range that the library does not know yet is still somebody's.
  // What looks national could be any digits and must be a number of that country.
  const isNumber = spelt.startsWith('+')
    ? number.isPossible() && digitsOf(number.number) >= fewestDigits.international
    : number.isValid() && digitsOf(number.number) >= fewestDigits.national;
  return isNumber ? number.number : undefined;
}

/** Reads numbers as they are written in one country. */
export type ParsePhone = (text: string) => string | undefined;

/** `parsePhone` for a country (ISO 3166, two letters). */
export function createParsePhone(defaultCountry: string): ParsePhone {
  return (text) => parsePhone(text, defaultCountry);
}

/** Whether a telephone network gives this instead of the caller's number. */
export function isWithheld(text: string): boolean {
  const bare = text.trim().toLowerCase();
  return withheldWords.has(bare) || withheldNumbers.has(bare.replace(/\D/g, ''));
}

const maxLength = 40;
/** By E.164, country code included. */
const mostDigits = 15;
/** Country code included; what is shorter reaches services, or is dialled within one town. */
const fewestDigits = { international: 7, national: 9 };

const withheldWords = new Set(['', 'anonymous', 'restricted', 'blocked', 'private', 'unknown', 'unavailable']);
/** The same words typed on a telephone's keys: anonymous, restricted, blocked, unknown, unavailable. */
const withheldNumbers = new Set(['266696687', '7378742833', '2562533', '8656696', '86282452253']);

function spellInternational(text: string): string {
  return text
    .replace(/^ (?=[1-9])/, '+')
    .trim()
    .replace(/^tel:/i, '')
    .replace(/^00(?=[1-9])/, '+');
}

function digitsOf(number: string): number {
  return number.length - 1;
}
