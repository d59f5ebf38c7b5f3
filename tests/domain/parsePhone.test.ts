import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parsePhone } from '../../shared/identity/parsePhone.ts';

describe('parsePhone', () => {
  test.each([
    ['E.164', '+493023125100'],
    ['with a plus and spaces', '+49 30 23125100'],
    ['with the international prefix', '0049 30 23125100'],
    ['with the trunk prefix in brackets', '+49 (0)30 23125100'],
    ['as it is dialled in the country', '030 23125100'],
    ['with brackets, slash and hyphen', '(030) / 23125-100'],
    ['with an extension', '030 23125100 ext. 7'],
    ['with a plus that a query string turned into a space', ' 493023125100'],
    ['without the plus', '493023125100'],
    ['as a tel: address', 'tel:+493023125100'],
    ['with space around it', '  +493023125100\t'],
  ])('reads a German number %s', (_how, text) => {
    expect(parsePhone(text, 'DE')).toBe('+493023125100');
  });

  test('reads what is dialled in the default country and what is foreign to it', () => {
    expect(parsePhone('0151 23456789', 'DE')).toBe('+4915123456789');
    expect(parsePhone('(415) 555-0100', 'US')).toBe('+14155550100');
    expect(parsePhone('01 234 5678', 'IE')).toBe('+35312345678');
    expect(parsePhone('+1 415 555 0100', 'DE')).toBe('+14155550100');
    expect(parsePhone('0049 30 23125100', 'US')).toBe('+493023125100');
  });

  test('keeps an international number of a range that is not assigned yet', () => {
    expect(parsePhone('+447700900123', 'DE')).toBe('+447700900123');
  });

  test.each([
    'anonymous',
    'Restricted',
    'Unavailable',
    'private',
    '+266696687',
    '266696687',
    '+7378742833',
    '+86282452253',
    '',
    '   ',
  ])('knows no number behind the withheld %j', (text) => {
    expect(parsePhone(text, 'DE')).toBeUndefined();
  });

  test.each([
    '110',
    '112',
    '115',
    '0',
    '+49',
    '+12',
    '12345',
    '+4930231251001234',
    '22222',
    '+999123456789',
    'client:reception',
    'Minka',
  ])('takes %j for no number of a person', (text) => {
    expect(parsePhone(text, 'DE')).toBeUndefined();
  });

  test('finds no number inside other text, and none without end', () => {
    expect(parsePhone('call me at 030 23125100', 'DE')).toBeUndefined();
    expect(parsePhone(`+49${'1'.repeat(200_000)}`, 'DE')).toBeUndefined();
  });

  test('without a country reads international numbers only', () => {
    expect(parsePhone('+49 30 23125100', '')).toBe('+493023125100');
    expect(parsePhone('030 23125100', 'Atlantis')).toBeUndefined();
  });

  test('gives E.164 or nothing, and the same again for what it gave', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[+0-9 ()/.-]{0,20}$/));
    fc.assert(
      fc.property(text, fc.constantFrom('DE', 'US', 'GB', 'FR', ''), (written, country) => {
        const number = parsePhone(written, country);
        if (number === undefined) return;
        expect(number).toMatch(/^\+[1-9]\d{6,14}$/);
        expect(parsePhone(number, 'DE')).toBe(number);
      }),
      { numRuns: 2_000 },
    );
  });
});
