import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileEventPattern } from '../../local/events/eventPattern.ts';

test.each([
  [['aws.ses'], '$'],
  [{ source: 'aws.ses' }, '$.source'],
  [{ source: [] }, '$.source'],
  [{ source: [{ starts: 'aws' }] }, '$.source[0]'],
  [{ source: [{ prefix: 1 }] }, '$.source[0]'],
  [{ source: [{ prefix: 'a', suffix: 'b' }] }, '$.source[0]'],
  [{ source: [{ numeric: ['>'] }] }, '$.source[0]'],
  [{ source: [{ numeric: ['!', 1] }] }, '$.source[0]'],
  [{ source: [{ exists: 'yes' }] }, '$.source[0]'],
  [{ source: [{ wildcard: 'a**b' }] }, '$.source[0]'],
  [{ source: [{ 'anything-but': { numeric: ['=', 1] } }] }, '$.source[0]'],
  [{ $or: [{ source: ['a'] }] }, '$.$or'],
])('the invalid pattern %j is refused at %s', (pattern, path) => {
  expect(() => compileEventPattern(pattern)).toThrow(`Event pattern is not valid at ${path}:`);
});

test('every event matches its own scalars as a pattern, and no pattern throws on any event', () => {
  const key = fc.stringMatching(/^[a-z]{1,5}$/);
  const scalars = fc.dictionary(key, fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null)));
  fc.assert(
    fc.property(scalars, fc.jsonValue(), (fields, other) => {
      const pattern = Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, [value]]));
      const matches = compileEventPattern(pattern);
      expect(matches(fields)).toBe(true);
      expect(typeof matches(other)).toBe('boolean');
    }),
  );
});

test('a literal wildcard pattern matches exactly itself', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (text, other) => {
      const wildcard = text.replace(/[\\*]/g, '\\$&');
      const matches = compileEventPattern({ text: [{ wildcard }] });
      expect(matches({ text })).toBe(true);
      expect(matches({ text: other })).toBe(text === other);
    }),
  );
});
