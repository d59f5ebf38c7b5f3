import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compileEventPattern, matchesEventPattern } from '../../local/events/eventPattern.ts';
import { compileFilterCriteria } from '../../local/events/filterCriteria.ts';

const event = {
  version: '0',
  source: 'aws.ses',
  'detail-type': 'Email Bounced',
  resources: ['arn:aws:ses:eu-central-1:000000000000:configuration-set/practice'],
  detail: {
    eventType: 'Bounce',
    bounce: { bounceType: 'Permanent', bouncedRecipients: [{ emailAddress: 'lena@example.com', status: '5.1.1' }] },
    mail: { tags: { practice: ['Cat'], empty: [] }, size: 2048, retry: false, reason: null, subject: '' },
  },
};

const detail = (inner: unknown) => ({ detail: inner });
const mail = (inner: unknown) => detail({ mail: inner });

describe('what matches', () => {
  const cases: [string, unknown][] = [
    ['an exact string', { source: ['aws.ses'] }],
    ['one of several values', { source: ['aws.s3', 'aws.ses'] }],
    ['an exact number', mail({ size: [2048] })],
    ['false', mail({ retry: [false] })],
    ['null', mail({ reason: [null] })],
    ['an empty string', mail({ subject: [''] })],
    ['an element of an array', mail({ tags: { practice: ['Cat'] } })],
    ['a field inside an array of objects', detail({ bounce: { bouncedRecipients: { status: ['5.1.1'] } } })],
    ['a prefix', { resources: [{ prefix: 'arn:aws:ses:' }] }],
    ['a prefix whatever the case', { 'detail-type': [{ prefix: { 'equals-ignore-case': 'EMAIL' } }] }],
    ['a suffix', { resources: [{ suffix: '/practice' }] }],
    ['a suffix whatever the case', { 'detail-type': [{ suffix: { 'equals-ignore-case': 'BOUNCED' } }] }],
    ['equality whatever the case', { source: [{ 'equals-ignore-case': 'AWS.SES' }] }],
    ['a wildcard', { resources: [{ wildcard: 'arn:*:configuration-set/*' }] }],
    ['anything but a value', { source: [{ 'anything-but': 'aws.s3' }] }],
    ['anything but several values', { source: [{ 'anything-but': ['aws.s3', 'aws.ec2'] }] }],
    ['anything but a number', mail({ size: [{ 'anything-but': [1, 2] }] })],
    ['anything but a prefix', { source: [{ 'anything-but': { prefix: 'custom.' } }] }],
    ['anything but several suffixes', { source: [{ 'anything-but': { suffix: ['.s3', '.ec2'] } }] }],
    ['anything but a wildcard', { source: [{ 'anything-but': { wildcard: '*s3*' } }] }],
    ['anything but, whatever the case', { source: [{ 'anything-but': { 'equals-ignore-case': ['AWS.S3'] } }] }],
    ['a number in a range', mail({ size: [{ numeric: ['>', 0, '<=', 2048] }] })],
    ['an equal number', mail({ size: [{ numeric: ['=', 2048] }] })],
    ['existence', mail({ size: [{ exists: true }] })],
    ['existence of null', mail({ reason: [{ exists: true }] })],
    ['absence', mail({ nothing: [{ exists: false }] })],
    ['absence under an absent parent', { other: { nothing: [{ exists: false }] } }],
    ['an empty array as absence', mail({ tags: { empty: [{ exists: false }] } })],
    ['an object as absence, for existence is asked of leaves', detail({ mail: [{ exists: false }] })],
    ['one of two alternatives', { $or: [{ source: ['aws.s3'] }, detail({ eventType: ['Bounce'] })] }],
    [
      'an alternative beside a condition',
      { source: ['aws.ses'], detail: { $or: [{ a: [1] }, { eventType: ['Bounce'] }] } },
    ],
    ['a value or an operator', { source: ['aws.s3', { prefix: 'aws.se' }] }],
    ['the empty pattern', {}],
  ];
  test.each(cases)('%s', (_, pattern) => {
    expect(matchesEventPattern(pattern, event)).toBe(true);
  });
});

describe('what does not match', () => {
  const cases: [string, unknown][] = [
    ['another string', { source: ['aws.s3'] }],
    ['another case', { source: ['AWS.SES'] }],
    ['a number for a string', { version: [0] }],
    ['a string for a number', mail({ size: ['2048'] })],
    ['an absent field', mail({ nothing: ['x'] })],
    ['two conditions of which one fails', { source: ['aws.ses'], 'detail-type': ['Email Sent'] }],
    ['anything but a value on an absent field', mail({ nothing: [{ 'anything-but': 'x' }] })],
    ['anything but its own value', { source: [{ 'anything-but': ['aws.ses'] }] }],
    ['anything but its own prefix', { source: [{ 'anything-but': { prefix: 'aws.' } }] }],
    ['a number out of range', mail({ size: [{ numeric: ['>', 2048] }] })],
    ['a numeric condition on text', { version: [{ numeric: ['>=', 0] }] }],
    ['existence of an absent field', mail({ nothing: [{ exists: true }] })],
    ['absence of a present field', mail({ size: [{ exists: false }] })],
    ['a wildcard that does not reach the end', { source: [{ wildcard: 'aws.*x' }] }],
    ['an escaped wildcard', { source: [{ wildcard: 'aws.\\*' }] }],
    ['no alternative', { $or: [{ source: ['aws.s3'] }, { source: ['aws.ec2'] }] }],
    ['a nested pattern on a scalar', { source: { name: ['aws.ses'] } }],
  ];
  test.each(cases)('%s', (_, pattern) => {
    expect(matchesEventPattern(pattern, event)).toBe(false);
  });
});

test('two conditions on an array of objects must hold for the same element', () => {
  const visits = {
    visits: [
      { animal: 'cat', due: 1 },
      { animal: 'dog', due: 2 },
    ],
  };
  expect(matchesEventPattern({ visits: { animal: ['cat'], due: [1] } }, visits)).toBe(true);
  expect(matchesEventPattern({ visits: { animal: ['cat'], due: [2] } }, visits)).toBe(false);
});

test('an address range matches addresses only', () => {
  const pattern = compileEventPattern({ ip: [{ cidr: '10.0.0.0/24' }] });
  expect([{ ip: '10.0.0.255' }, { ip: '10.0.1.0' }, { ip: 'ten' }].map(pattern)).toEqual([true, false, false]);
});

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

describe('FilterCriteria', () => {
  const filtered = (...patterns: unknown[]) =>
    compileFilterCriteria({ Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) });
  test('without filters everything passes', () => {
    expect(compileFilterCriteria(undefined)({ body: 'x' })).toBe(true);
  });
  test('one filter that matches is enough', () => {
    const passes = filtered({ eventName: ['INSERT'] }, { eventName: ['REMOVE'] });
    expect([{ eventName: 'REMOVE' }, { eventName: 'MODIFY' }].map(passes)).toEqual([true, false]);
  });
  test('a pattern inside the body reads it as JSON; a body that is none does not pass', () => {
    const passes = filtered({ body: { kind: ['reminder'] } });
    expect([{ body: '{"kind":"reminder"}' }, { body: '{"kind":"survey"}' }, { body: 'reminder' }].map(passes)).toEqual([
      true,
      false,
      false,
    ]);
  });
  test('a pattern on the body as such compares its text', () => {
    expect(filtered({ body: [{ prefix: 'remind' }] })({ body: 'reminder' })).toBe(true);
  });
});
