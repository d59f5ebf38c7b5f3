import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callInteraction } from '../../shared/call/callInteraction.ts';
import type { PhoneLine } from '../../shared/call/callParties.ts';
import { describeCall } from '../../shared/call/describeCall.ts';
import { answerCall } from '../../shared/call/twiml.ts';
import { twilioCallSchema } from '../../shared/contracts/call.ts';
import { createParsePhone } from '../../shared/identity/parsePhone.ts';

const customer = '+493023125100';
const number = '+493023125000';
const desk = '+493023125001';
const line: PhoneLine = {
  name: 'phone-line',
  forwardTo: desk,
  ownNumbers: [number, '+493023125002'],
  parsePhone: createParsePhone('DE'),
};
const told = (event: Record<string, unknown>, on: PhoneLine = line) =>
  callInteraction(twilioCallSchema.parse({ CallSid: 'CA1', CallStatus: 'ringing', ...event }), on);
const phone = (value: string) => ({ type: 'phone', value });

describe('the customer of a call is', () => {
  const leg = { ParentCallSid: 'CA0', Direction: 'outbound-dial' };
  test.each([
    ['who calls in', { From: customer, To: number }, 'inbound', customer],
    ['who calls in, in national spelling', { From: '030 23125100', To: number }, 'inbound', customer],
    ['whom we call', { Direction: 'outbound-api', From: number, To: customer }, 'outbound', customer],
    [
      'whom the switchboard calls',
      { Direction: 'trunking-terminating', From: number, To: customer },
      'outbound',
      customer,
    ],
    ['who is put through to the desk', { ...leg, From: customer, To: desk }, 'inbound', customer],
    ['who is put through to a softphone', { ...leg, From: customer, To: 'client:reception' }, 'inbound', customer],
    ['who is put through to a desk that is not known', { ...leg, From: customer, To: '+4989444' }, 'inbound', customer],
    ['whom we call on behalf of the desk', { ...leg, From: number, To: customer }, 'outbound', customer],
  ])('%s', (_who, event, direction, value) => {
    expect(told(event)).toMatchObject({ direction, owner: phone(value) });
  });

  test.each([
    ['a softphone calls in', { From: 'client:reception', To: number }],
    ['our own desk calls in', { From: desk, To: number }],
    ['we call our own desk', { Direction: 'outbound-api', From: number, To: desk }],
    ['somebody withholds the number', { From: 'anonymous', To: number }],
  ])('unknown where %s', (_why, event) => {
    expect(told(event)?.owner).toEqual({ type: 'externalId', value: 'call:twilio:CA1' });
  });

  test('the same for a number in E.164 that no library knows', () => {
    expect(told({ From: '+4930231251001234567', To: number })?.owner).toMatchObject({ type: 'externalId' });
    expect(told({ From: '+888123456789', To: number })?.owner).toEqual(phone('+888123456789'));
  });
});

test('a number that somebody shows is claimed; a number that we dial is asserted', () => {
  expect(told({ From: customer, To: number })?.identifiers).toEqual([{ ...phone(customer), trust: 'claimed' }]);
  expect(told({ Direction: 'outbound-api', From: number, To: customer })?.identifiers).toEqual([
    { ...phone(customer), trust: 'asserted' },
  ]);
});

describe('every event of a call', () => {
  const status = fc.constantFrom(
    ...['queued', 'initiated', 'ringing', 'in-progress', 'completed', 'busy', 'failed', 'no-answer', 'canceled'],
  );
  const event = fc.record(
    {
      CallStatus: status,
      DialCallStatus: fc.constantFrom('completed', 'answered', 'busy', 'no-answer', 'failed', 'canceled'),
      CallDuration: fc.constantFrom('0', '1', '184'),
      SequenceNumber: fc.nat({ max: 9 }).map(String),
      Timestamp: fc.constantFrom('Mon, 02 Mar 2026 09:45:12 +0000', 'Mon, 02 Mar 2026 10:45:12 +0100', 'soon'),
      SomethingNew: fc.string(),
    },
    { requiredKeys: ['CallStatus'] },
  );

  test('lies on one leaf under one call id, and each phase under one message id', () => {
    fc.assert(
      fc.property(fc.array(event, { minLength: 1, maxLength: 12 }), (events) => {
        const family = events.map((one) => told({ From: customer, To: number, ...one }));
        expect(new Set(family.map((one) => JSON.stringify([one?.owner, one?.properties.callId]))).size).toBe(1);
        const phases = new Set(family.map((one) => one?.type));
        expect(new Set(family.map((one) => one?.messageId)).size).toBe(phases.size);
      }),
    );
  });

  test('is missed only of a call that came in', () => {
    fc.assert(
      fc.property(event, (one) => {
        expect(told({ Direction: 'outbound-api', From: number, To: customer, ...one })?.type).not.toBe('call.missed');
        expect(told({ ParentCallSid: 'CA0', From: customer, To: desk, ...one })?.type).not.toBe('call.missed');
      }),
    );
  });

  test('has its own time, whatever zone Twilio writes it in', () => {
    const at = (Timestamp: string) => told({ From: customer, To: number, Timestamp })?.clientTimeMs;
    expect(at('Mon, 02 Mar 2026 09:45:12 +0000')).toBe(Date.UTC(2026, 2, 2, 9, 45, 12));
    expect(at('Mon, 02 Mar 2026 10:45:12 +0100')).toBe(Date.UTC(2026, 2, 2, 9, 45, 12));
    for (const text of ['soon', '2 Mar', 'Mon, 02 Mar 1926 09:45:12 +0000', 'Mon, 02 Mar 2026 09:45:12'])
      expect(at(text)).toBeUndefined();
  });
});

test.each([
  [0, 'Call ended after 0 s'],
  [45, 'Call ended after 45 s'],
  [60, 'Call ended after 1 min'],
  [184, 'Call ended after 3 min'],
  [3_599, 'Call ended after 1 h 0 min'],
  [3_900, 'Call ended after 1 h 5 min'],
  [undefined, 'Call ended'],
])('a call of %s seconds reads as "%s"', (durationSeconds, text) => {
  const facts = { phase: 'ended', direction: 'inbound', isChild: false, status: 'completed' } as const;
  expect(describeCall({ ...facts, durationSeconds })).toBe(text);
});

test('an address with XML in it stays an attribute of the answer', () => {
  const answer = answerCall({ forwardTo: desk, statusUrl: 'https://api.vet.example/voice?a="1"&b=<2>' });
  expect(answer).toContain('action="https://api.vet.example/voice?a=&#34;1&#34;&#38;b=&#60;2&#62;"');
});
