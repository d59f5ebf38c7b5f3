import { getExpectedTwilioSignature } from 'twilio/lib/webhooks/webhooks.js';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import {
  accountSid,
  authToken,
  formOf,
  incomingCall,
  jsonAddress,
  type PhoneLineApi,
  publicUrl,
  startPhoneLine,
} from '../support/phoneLine.ts';

let phone: PhoneLineApi;
beforeAll(async () => {
  phone = await startPhoneLine();
});
beforeEach(() => {
  phone.table.reset();
  phone.counted.clear();
});

describe('a request is believed when its signature fits', () => {
  test.each([
    ['the public address', {}],
    ['the public address with its port', { signedUrl: `${publicUrl}:443/voice/twilio/voice` }],
    ['the public address with a query', { query: '?line=practice&x=a%20b' }],
    ['the public address, whatever host the request names', { headers: { 'x-forwarded-host': 'elsewhere.example' } }],
  ])('%s', async (_what, options) => {
    expect((await phone.send('voice', incomingCall(), options)).status).toBe(200);
  });

  test('over parameters that nobody knows yet, in any case, repeated, empty or beyond ASCII', async () => {
    const call = incomingCall({
      aNewOne: '1',
      ANewOne: '2',
      Digits: ['2', '1', '2'],
      CallerCity: 'KÖLN 🐈',
      Empty: '',
    });
    expect((await phone.send('voice', call)).status).toBe(200);
  });

  test('over the hash of a JSON body', async () => {
    const call = incomingCall();
    const body = JSON.stringify({ ...call, AccountSid: accountSid, CallStatus: 'completed', CallDuration: 40 });
    const address = jsonAddress('/voice/twilio/status', body);
    const signature = getExpectedTwilioSignature(authToken, `${publicUrl}${address}`, {});
    const headers = { 'content-type': 'application/json', 'x-twilio-signature': signature };
    expect((await phone.post(address, body, headers)).status).toBe(200);
    expect((await phone.post(address, body.replace('completed', 'no-answer'), headers)).status).toBe(403);
  });
});

describe('a request is refused with 403, counted, and stores nothing', () => {
  const call = () => incomingCall();
  const form = (parameters: Record<string, string | string[]>, signature?: string) =>
    phone.post('/voice/twilio/voice', formOf({ AccountSid: accountSid, ...parameters }), {
      'content-type': 'application/x-www-form-urlencoded',
      ...(signature === undefined ? {} : { 'x-twilio-signature': signature }),
    });

  test.each([
    ['without a signature', () => phone.send('voice', call(), { sign: false })],
    ['with an empty signature', () => form(call(), '')],
    ['with a signature that is none', () => form(call(), 'Zm9vYmFy')],
    ['signed with another token', () => phone.send('voice', call(), { token: 'guessed' })],
    ['signed with an empty token', () => phone.send('voice', call(), { token: '' })],
    [
      'signed for another address',
      () => phone.send('voice', call(), { signedUrl: `${publicUrl}/voice/twilio/status` }),
    ],
    [
      'signed for the host it was sent to',
      () => phone.send('voice', call(), { signedUrl: 'http://127.0.0.1/voice/twilio/voice' }),
    ],
    ['of another account', () => phone.send('voice', { ...call(), AccountSid: 'ACother' })],
    ['of no account', () => phone.send('voice', { ...call(), AccountSid: '' })],
    [
      'whose parameters were changed',
      () => {
        const sent = { AccountSid: accountSid, ...call() };
        const signature = getExpectedTwilioSignature(authToken, `${publicUrl}/voice/twilio/voice`, sent);
        return form({ ...sent, From: '+493023125199' }, signature);
      },
    ],
    [
      'as JSON whose address carries no hash',
      () => {
        const signature = getExpectedTwilioSignature(authToken, `${publicUrl}/voice/twilio/voice`, {});
        return phone.post('/voice/twilio/voice', JSON.stringify(call()), {
          'content-type': 'application/json',
          'x-twilio-signature': signature,
        });
      },
    ],
    [
      'as JSON that is none',
      () =>
        phone.post(jsonAddress('/voice/twilio/voice', '['), '[', {
          'content-type': 'application/json',
          'x-twilio-signature': 'x',
        }),
    ],
  ])('%s', async (_how, send) => {
    const answer = await send();
    expect(answer.status).toBe(403);
    expect(JSON.parse(answer.text)).toMatchObject({ type: 'urn:throughline:problem:forbidden', status: 403 });
    expect(phone.counted.get('RequestsRefused')).toBe(1);
    expect(phone.table.calls).toEqual([]);
  });
});
