import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Identifier } from '../../shared/contracts/identifier.ts';
import { type Head, headOf } from '../../shared/customer/head.ts';
import { isNamed, readNumberQuery, readSearchQuery, searchTerms } from '../../shared/search/searchTerms.ts';
import { interactionId } from '../../shared/timeline/timelineKeys.ts';

/** The head of somebody who said this much. */
function head(name: string | undefined, phones: Identifier[] = [], channel: 'web' | 'voice' = 'web'): Head {
  const occurredAtMs = Date.UTC(2026, 2, 2, 9);
  return headOf({
    id: interactionId({ leaf: 'A'.repeat(22), keyClass: 'E', occurredAtMs, messageHash: 'A'.repeat(16) }),
    type: 'customer.identified',
    occurredAt: new Date(occurredAtMs).toISOString(),
    receivedAt: new Date(occurredAtMs).toISOString(),
    channel,
    direction: 'inbound',
    source: 'practice',
    touchpoint: '/',
    trust: 'asserted',
    identifiers: phones,
    properties: name === undefined ? {} : { traits: { name } },
  });
}

describe('terms of a leaf', () => {
  it('are the beginnings of three to six letters of each word, and the first three letters of two words', () => {
    expect(searchTerms(head('Lena Vogt'))).toEqual(['name|len', 'name|lena', 'name|vog', 'name|vogt', 'names|len|vog']);
    expect(searchTerms(head('Hildegard'))).toEqual(['name|hil', 'name|hild', 'name|hilde', 'name|hildeg']);
  });

  it('know neither case nor accents, and every word of a double name', () => {
    expect(searchTerms(head('ÅSE Groß'))).toEqual(searchTerms(head('ase gross')));
    expect(searchTerms(head('Jürgen Müller-Lüdenscheidt'))).toContain('name|lud');
    expect(searchTerms(head('Søren'))).toContain('name|soren');
  });

  it('are no more than 23, however long a name somebody claims', () => {
    expect(searchTerms(head('aaaaaaa bbbbbbb ccccccc ddddddd eeeeeee fffffff ggggggg'))).toHaveLength(22);
  });

  it('are the last seven digits of each number, apart where it was merely typed into a website', () => {
    const asserted: Identifier = { type: 'phone', value: '+493023125117', trust: 'asserted' };
    const claimed: Identifier = { type: 'phone', value: '+491713920044', trust: 'claimed' };
    expect(searchTerms(head(undefined, [asserted, claimed]))).toEqual(['number|3125117', 'claimed-number|3920044']);
    expect(searchTerms(head(undefined, [claimed], 'voice'))).toEqual(['number|3920044']);
  });

  it('are none for words of two letters and for numbers of six digits', () => {
    expect(searchTerms(head('Li Wu', [{ type: 'phone', value: '+49112', trust: 'asserted' }]))).toEqual([]);
  });
});

describe('what somebody types', () => {
  it.each([
    ['len', ['name|len']],
    ['Hildegardis', ['name|hildeg']],
    ['Vogt, Lena', ['names|len|vog']],
    ['lena v', ['name|lena']],
    ['3125117', ['number|3125117', 'claimed-number|3125117']],
    ['030 23125-117', ['number|3125117', 'claimed-number|3125117']],
  ])('%s is looked for under %j', (text, terms) => {
    expect(readSearchQuery(text)?.terms).toEqual(terms);
  });

  it.each(['', '  ', 'Le', 'L V', '125117', '---', '000000000', '😀😀😀'])(
    '%j is too little to find anybody',
    (text) => {
      expect(readSearchQuery(text)).toBeUndefined();
    },
  );

  it('is compared with the whole name, each word with the beginning of one', () => {
    expect(isNamed('Lena Vogt', ['vogt', 'len'])).toBe(true);
    expect(isNamed('Lena Vogt', ['vogts'])).toBe(false);
    expect(isNamed('Lena Vogt', ['ena'])).toBe(false);
    expect(isNamed(undefined, ['len'])).toBe(false);
  });

  it('finds whoever is called so: every beginning of three letters and more leads to a term of the name', () => {
    const word = fc.stringMatching(/^[a-zäöüéß]{3,9}$/);
    fc.assert(
      fc.property(fc.uniqueArray(word, { minLength: 1, maxLength: 4 }), fc.nat(), fc.nat(), (words, which, cut) => {
        const one = words[which % words.length] ?? '';
        const typed = one.slice(0, 3 + (cut % 7)).toUpperCase();
        const query = readSearchQuery(typed);
        const terms = searchTerms(head(words.join(' ')));
        expect(terms).toContain(query?.terms[0]);
        expect(isNamed(words.join(' '), query?.kind === 'name' ? query.words : ['?'])).toBe(true);
      }),
    );
  });

  it('finds a number by any end of it from seven digits on', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[1-9]\d{8,13}$/), fc.nat(), (digits, cut) => {
        const phone: Identifier = { type: 'phone', value: `+${digits}`, trust: 'asserted' };
        const end = digits.slice(-(7 + (cut % (digits.length - 7))));
        fc.pre(end.replace(/^0+/, '').length >= 7);
        expect(searchTerms(head(undefined, [phone]))).toEqual(readNumberQuery(end)?.terms);
      }),
    );
  });
});
