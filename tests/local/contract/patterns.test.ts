import { expect } from 'vitest';
import { compileEventPattern, matchesEventPattern } from '../../../local/events/eventPattern.ts';
import { compileFilterCriteria } from '../../../local/events/filterCriteria.ts';
import { contract } from './contract.ts';

const guide = 'https://docs.aws.amazon.com/eventbridge/latest/userguide';
const operators = `${guide}/eb-create-pattern-operators.html` as const;
const filtering = 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html';

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

const matching: [string, unknown][] = [
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
const others: [string, unknown][] = [
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

contract(
  'an event pattern matches',
  matching.map(([behaviour, pattern]) => ({
    behaviour,
    source: operators,
    test: async () => expect(matchesEventPattern(pattern, event)).toBe(true),
  })),
);

contract(
  'an event pattern does not match',
  others.map(([behaviour, pattern]) => ({
    behaviour,
    source: operators,
    test: async () => expect(matchesEventPattern(pattern, event)).toBe(false),
  })),
);

const filtered = (...patterns: unknown[]) =>
  compileFilterCriteria({ Filters: patterns.map((pattern) => ({ Pattern: JSON.stringify(pattern) })) });

contract('patterns and filters', [
  {
    behaviour: 'two conditions on an array of objects must hold for the same element',
    source: `${guide}/eb-event-patterns.html`,
    test: async () => {
      const visits = {
        visits: [
          { animal: 'cat', due: 1 },
          { animal: 'dog', due: 2 },
        ],
      };
      expect(matchesEventPattern({ visits: { animal: ['cat'], due: [1] } }, visits)).toBe(true);
      expect(matchesEventPattern({ visits: { animal: ['cat'], due: [2] } }, visits)).toBe(false);
    },
  },
  {
    behaviour: 'an address range matches addresses only',
    source: operators,
    test: async () => {
      const pattern = compileEventPattern({ ip: [{ cidr: '10.0.0.0/24' }] });
      expect([{ ip: '10.0.0.255' }, { ip: '10.0.1.0' }, { ip: 'ten' }].map(pattern)).toEqual([true, false, false]);
    },
  },
  {
    behaviour: 'without filters everything passes',
    source: filtering,
    test: async () => {
      expect(compileFilterCriteria(undefined)({ body: 'x' })).toBe(true);
    },
  },
  {
    behaviour: 'one filter that matches is enough',
    source: filtering,
    test: async () => {
      const passes = filtered({ eventName: ['INSERT'] }, { eventName: ['REMOVE'] });
      expect([{ eventName: 'REMOVE' }, { eventName: 'MODIFY' }].map(passes)).toEqual([true, false]);
    },
  },
  {
    behaviour: 'a pattern inside the body reads it as JSON; a body that is none does not pass',
    source: filtering,
    test: async () => {
      const passes = filtered({ body: { kind: ['reminder'] } });
      expect(
        [{ body: '{"kind":"reminder"}' }, { body: '{"kind":"survey"}' }, { body: 'reminder' }].map(passes),
      ).toEqual([true, false, false]);
    },
  },
  {
    behaviour: 'a pattern on the body as such compares its text',
    source: filtering,
    test: async () => {
      expect(filtered({ body: [{ prefix: 'remind' }] })({ body: 'reminder' })).toBe(true);
    },
  },
]);
