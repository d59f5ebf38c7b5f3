import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  accountSid,
  authToken,
  caller,
  desk,
  incomingCall,
  line,
  type Parameters,
  type PhoneLineApi,
  startPhoneLine,
} from '../support/phoneLine.ts';

let phone: PhoneLineApi;
let numbers = 0;
beforeAll(async () => {
  phone = await startPhoneLine();
});
beforeEach(() => {
  phone.table.reset();
  phone.counted.clear();
});

/** A caller whom no other test knows. */
const newCaller = () => `+4930231252${String(numbers++).padStart(2, '0')}`;
const readOf = (value: string) => phone.read({ type: 'phone', value });
const typesOf = async (value: string) => (await readOf(value)).map(({ type }) => type);

describe('a new call', () => {
  test('is put through to the desk, which reports who answered and how it ended', async () => {
    const answer = await phone.send('voice', incomingCall());
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/xml; charset=utf-8');
    expect(answer.text).toBe(
      '<?xml version="1.0" encoding="UTF-8"?><Response>' +
        '<Dial answerOnBridge="true" timeout="30" action="https://api.vet.example/voice/twilio/status" method="POST">' +
        '<Number statusCallback="https://api.vet.example/voice/twilio/status" statusCallbackEvent="answered" statusCallbackMethod="POST">' +
        `${desk}</Number></Dial></Response>`,
    );
  });

  test("is on its caller's timeline", async () => {
    const From = newCaller();
    const { CallSid, ...call } = incomingCall({ From, CallerName: 'JONAS REUTER' });
    await phone.send('voice', { ...call, CallSid });
    expect(await readOf(From)).toEqual([
      {
        id: expect.any(String),
        type: 'call.started',
        occurredAt: '2026-03-02T09:45:00.000Z',
        receivedAt: '2026-03-02T09:45:00.000Z',
        channel: 'voice',
        direction: 'inbound',
        source: 'phone-line',
        touchpoint: line,
        trust: 'claimed',
        identifiers: [{ type: 'phone', value: From, trust: 'claimed' }],
        text: 'Incoming call',
        properties: {
          callId: `twilio:${CallSid}`,
          callSid: CallSid,
          status: 'ringing',
          from: From,
          to: line,
          language: 'de',
        },
      },
    ]);
    expect(Object.fromEntries(phone.counted)).toEqual({ InteractionsStored: 1 });
  });

  test('is put through also while the table is away: later events tell it again', async () => {
    const transact = phone.table.transact;
    phone.table.transact = async () => {
      throw new Error('the table is away');
    };
    const answer = await phone.send('voice', incomingCall());
    const status = await phone.send('status', incomingCall({ CallStatus: 'no-answer' }));
    phone.table.transact = transact;
    expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('<Dial') });
    expect(status.status).toBe(500);
  });

  test('to a line without a desk rings on for other software, and is not ended by an empty answer', async () => {
    const other = await startPhoneLine({ forwardTo: undefined });
    const { text } = await other.send('voice', incomingCall());
    expect(text).toBe('<?xml version="1.0" encoding="UTF-8"?><Response><Pause length="60"/></Response>');
  });
});

describe('a call that somebody answers', () => {
  test('is told from its beginning to its end at the times that Twilio gives', async () => {
    const From = newCaller();
    const call = incomingCall({ From });
    await phone.send('voice', call);
    await phone.send('status', {
      ...call,
      CallSid: `${call.CallSid}-child`,
      ParentCallSid: call.CallSid,
      Direction: 'outbound-dial',
      To: desk,
      CallStatus: 'in-progress',
      SequenceNumber: '2',
      Timestamp: 'Mon, 02 Mar 2026 09:45:12 +0000',
    });
    await phone.send('status', {
      ...call,
      CallStatus: 'completed',
      CallDuration: '184',
      SequenceNumber: '0',
      Timestamp: 'Mon, 02 Mar 2026 09:48:16 +0000',
    });
    const told = (await readOf(From)).map(({ type, occurredAt, text, direction, properties }) => {
      const { callId, durationSeconds, leg } = properties;
      return { type, occurredAt, text, direction, callId, leg, durationSeconds };
    });
    const callId = `twilio:${call.CallSid}`;
    expect(told).toEqual([
      {
        type: 'call.started',
        occurredAt: '2026-03-02T09:45:00.000Z',
        text: 'Incoming call',
        direction: 'inbound',
        callId,
      },
      {
        type: 'call.answered',
        occurredAt: '2026-03-02T09:45:12.000Z',
        text: 'Call answered',
        direction: 'inbound',
        callId,
        leg: 'child',
      },
      {
        type: 'call.ended',
        occurredAt: '2026-03-02T09:48:16.000Z',
        text: 'Call ended after 3 min',
        direction: 'inbound',
        callId,
        durationSeconds: 184,
      },
    ]);
  });

  test('has ended once, though the Dial and the status callback both say so', async () => {
    const From = newCaller();
    const call = incomingCall({ From, CallStatus: 'completed' });
    const dialled = { ...call, DialCallStatus: 'completed', DialCallSid: 'CAdialled', DialCallDuration: '61' };
    expect((await phone.send('status', dialled)).text).toBe('<?xml version="1.0" encoding="UTF-8"?><Response/>');
    await phone.send('status', { ...call, CallDuration: '75', Timestamp: 'Mon, 02 Mar 2026 09:46:01 +0000' });
    expect(await readOf(From)).toMatchObject([
      {
        type: 'call.ended',
        text: 'Call ended after 1 min',
        properties: { dialledCallSid: 'CAdialled', durationSeconds: 61 },
      },
    ]);
  });
});

describe('a call that nobody answers', () => {
  test.each([
    ['no-answer', { CallStatus: 'no-answer' }],
    ['busy', { CallStatus: 'busy' }],
    ['failed', { CallStatus: 'failed' }],
    ['canceled by the caller', { CallStatus: 'canceled' }],
    ['completed in no time', { CallStatus: 'completed', CallDuration: '0' }],
    ['not answered at the desk', { CallStatus: 'in-progress', DialCallStatus: 'no-answer' }],
    ['busy at the desk', { CallStatus: 'completed', DialCallStatus: 'busy', CallDuration: '20' }],
    ['failed at the desk', { CallStatus: 'in-progress', DialCallStatus: 'failed' }],
    ['canceled before the desk answered', { CallStatus: 'completed', DialCallStatus: 'canceled' }],
  ])('is missed: %s', async (_how, status: Parameters) => {
    const From = newCaller();
    await phone.send('status', incomingCall({ From, ...status }));
    expect(await readOf(From)).toMatchObject([{ type: 'call.missed', text: 'Missed call', direction: 'inbound' }]);
  });

  test('is missed once, however many events say so', async () => {
    const From = newCaller();
    const call = incomingCall({ From });
    const Timestamp = 'Mon, 02 Mar 2026 09:45:30 +0000';
    await phone.send('status', { ...call, CallStatus: 'in-progress', DialCallStatus: 'no-answer' });
    await phone.send('status', { ...call, CallStatus: 'no-answer', SequenceNumber: '0', Timestamp });
    await phone.send('status', { ...call, CallStatus: 'no-answer', SequenceNumber: '1', Timestamp });
    expect(await typesOf(From)).toEqual(['call.missed']);
  });

  test('is not missed because one of its legs was not answered', async () => {
    const From = newCaller();
    const call = incomingCall({ From });
    const leg = { ...call, ParentCallSid: call.CallSid, Direction: 'outbound-dial', To: desk };
    await phone.send('status', { ...leg, CallSid: `${call.CallSid}-1`, CallStatus: 'no-answer' });
    expect(await readOf(From)).toMatchObject([
      { type: 'call.ended', text: 'Forwarded call was not answered', properties: { leg: 'child' } },
    ]);
  });
});

describe('a call that we make', () => {
  test("is on the timeline of who is called, and isn't missed when nobody answers", async () => {
    const To = newCaller();
    const call = incomingCall({ Direction: 'outbound-api', From: line, To });
    await phone.send('status', { ...call, CallStatus: 'initiated', SequenceNumber: '0' });
    await phone.send('status', { ...call, CallStatus: 'ringing', SequenceNumber: '1' });
    await phone.send('status', {
      ...call,
      CallStatus: 'no-answer',
      SequenceNumber: '2',
      Timestamp: 'Mon, 02 Mar 2026 09:46:00 +0000',
    });
    expect(await readOf(To)).toMatchObject([
      { type: 'call.started', direction: 'outbound', text: 'Outgoing call', trust: 'asserted', touchpoint: line },
      { type: 'call.ended', direction: 'outbound', text: 'Outgoing call was not answered' },
    ]);
  });
});

describe('events come more than once and in any order', () => {
  const Timestamp = 'Mon, 02 Mar 2026 09:45:40 +0000';
  test.each([
    ['a new call', 'voice', {}],
    ['an end', 'status', { CallStatus: 'completed', CallDuration: '40', SequenceNumber: '3', Timestamp }],
    ['a missed call', 'status', { CallStatus: 'busy', SequenceNumber: '0', Timestamp }],
  ] as const)('five parallel deliveries of %s store it once', async (_what, path, more) => {
    const From = newCaller();
    const call = incomingCall({ From, ...more });
    const answers = await Promise.all(Array.from({ length: 5 }, () => phone.send(path, call)));
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
    expect(await typesOf(From)).toHaveLength(1);
    expect(Object.fromEntries(phone.counted)).toEqual({ InteractionsStored: 1, InteractionsDuplicated: 4 });
  });

  test('the timeline is the same in whatever order and however often the events arrive', async () => {
    const events = (From: string) => {
      const call = incomingCall({ From });
      return [
        { ...call, Timestamp: 'Mon, 02 Mar 2026 09:45:00 +0000' },
        { ...call, CallStatus: 'in-progress', SequenceNumber: '1', Timestamp: 'Mon, 02 Mar 2026 09:45:12 +0000' },
        { ...call, CallStatus: 'completed', CallDuration: '40', SequenceNumber: '2', Timestamp },
      ];
    };
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 2, 0, 1, 0, 2, 2],
    ]) {
      const From = newCaller();
      const sent = events(From);
      for (const index of order) await phone.send('status', sent[index] ?? {});
      expect(await typesOf(From)).toEqual(['call.started', 'call.answered', 'call.ended']);
    }
  });

  test('an event costs four write units and no read', async () => {
    await phone.send('voice', incomingCall({ From: newCaller() }));
    expect(phone.table.calls).toEqual([{ command: 'TransactWriteItemsCommand', writeUnits: 4, readUnits: 0 }]);
  });
});

describe('a caller without a number', () => {
  test.each(['anonymous', '+266696687', 'Restricted', 'Unavailable', '', 'sip:anonymous@anonymous.invalid', '112'])(
    'is unknown (%j), and the call is found by its own id',
    async (From) => {
      const call = incomingCall({ From });
      await phone.send('voice', call);
      await phone.send('status', { ...call, CallStatus: 'no-answer' });
      const value = `call:twilio:${call.CallSid}`;
      expect(await phone.read({ type: 'externalId', value })).toMatchObject([
        { type: expect.stringMatching(/^call\./), identifiers: [{ type: 'externalId', value, trust: 'asserted' }] },
        { properties: { callId: `twilio:${call.CallSid}`, isUnknown: true } },
      ]);
    },
  );

  test('keeps the legs of the call together', async () => {
    const call = incomingCall({ From: 'anonymous' });
    const leg = {
      ...call,
      CallSid: `${call.CallSid}-1`,
      ParentCallSid: call.CallSid,
      Direction: 'outbound-dial',
      To: desk,
    };
    await phone.send('voice', call);
    await phone.send('status', { ...leg, CallStatus: 'in-progress' });
    const told = await phone.read({ type: 'externalId', value: `call:twilio:${call.CallSid}` });
    expect(told.map(({ type }) => type).sort()).toEqual(['call.answered', 'call.started']);
  });
});

test('empty and malformed details say nothing, and the event is kept', async () => {
  const From = newCaller();
  const empty = { ParentCallSid: '', DialCallStatus: '', CallDuration: '', SequenceNumber: '', Timestamp: '' };
  await phone.send('status', incomingCall({ From, CallStatus: 'completed', ...empty }));
  const malformed = {
    CallDuration: '-3',
    Timestamp: 'yesterday',
    DialCallSid: 'no id',
    RecordingUrl: 'x'.repeat(5_000),
  };
  await phone.send('status', incomingCall({ From, CallStatus: 'completed', ...malformed }));
  expect(await readOf(From)).toMatchObject([
    { type: 'call.ended', text: 'Call ended', occurredAt: '2026-03-02T09:45:00.000Z' },
    { type: 'call.ended', text: 'Call ended', occurredAt: '2026-03-02T09:45:00.000Z' },
  ]);
});

test('a status that no call has yet is answered and tells nothing', async () => {
  const From = newCaller();
  expect((await phone.send('status', incomingCall({ From, CallStatus: 'dreaming' }))).status).toBe(200);
  expect(await readOf(From)).toEqual([]);
});

test('a signed request that is no call gives 400', async () => {
  const answer = await phone.send('status', { From: caller });
  expect(answer.status).toBe(400);
  expect(JSON.parse(answer.text).issues.map(({ path }: { path: string }) => path)).toEqual(['CallSid', 'CallStatus']);
});

describe('what is logged', () => {
  test('holds no number and no token', async () => {
    await phone.send('voice', incomingCall());
    await phone.send('voice', incomingCall(), { token: 'wrong' });
    const everything = phone.logged.join('\n');
    for (const secret of [caller, authToken, accountSid]) expect(everything).not.toContain(secret);
  });
});
