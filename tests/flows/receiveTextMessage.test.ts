import { beforeAll, expect, test } from 'vitest';
import { line, type PhoneLineApi, startPhoneLine } from '../support/phoneLine.ts';

let phone: PhoneLineApi;
let messages = 0;
beforeAll(async () => {
  phone = await startPhoneLine();
});

const from = () => `+4930231253${String(messages).padStart(2, '0')}`;
const message = (more: Record<string, string> = {}) => {
  messages++;
  const MessageSid = `SM${String(messages).padStart(32, '0')}`;
  return {
    MessageSid,
    SmsSid: MessageSid,
    SmsStatus: 'received',
    From: from(),
    To: line,
    Body: 'Ist Balu fertig?',
    ...more,
  };
};

test('a text message is on its sender’s timeline once, however often it is delivered at the same time', async () => {
  const sent = message({ NumMedia: '1', MediaUrl0: 'https://media.example/balu.jpg', MediaContentType0: 'image/jpeg' });
  const answers = await Promise.all(Array.from({ length: 5 }, () => phone.send('sms', sent)));
  expect(answers.map(({ text }) => text)).toEqual(Array(5).fill('<?xml version="1.0" encoding="UTF-8"?><Response/>'));
  expect(await phone.read({ type: 'phone', value: sent.From })).toMatchObject([
    {
      type: 'message.received',
      channel: 'sms',
      direction: 'inbound',
      touchpoint: line,
      text: 'Ist Balu fertig?',
      identifiers: [{ type: 'phone', value: sent.From, trust: 'claimed' }],
      properties: { from: sent.From, media: [{ url: 'https://media.example/balu.jpg', type: 'image/jpeg' }] },
    },
  ]);
});

test('a WhatsApp message is on the timeline of the same number', async () => {
  const sent = message();
  await phone.send('sms', sent);
  await phone.send('sms', { ...sent, MessageSid: 'SMwhatsapp', From: `whatsapp:${sent.From}`, To: `whatsapp:${line}` });
  const told = await phone.read({ type: 'phone', value: sent.From });
  expect(told.map(({ properties }) => properties.medium).sort()).toEqual(['whatsapp', undefined]);
});

test('a sender that is no number is unknown, and the message is found by its id', async () => {
  const sent = message({ From: '72345' });
  await phone.send('sms', sent);
  const value = `sms:twilio:${sent.MessageSid}`;
  expect(await phone.read({ type: 'externalId', value })).toMatchObject([{ text: 'Ist Balu fertig?' }]);
});

test('a message without text says so', async () => {
  const sent = message({ Body: '' });
  await phone.send('sms', sent);
  expect(await phone.read({ type: 'phone', value: sent.From })).toMatchObject([{ text: 'Message without text' }]);
});

test('what became of a message of ours is told once', async () => {
  const { Body: _body, SmsStatus: _status, ...sent } = message({ From: line, To: '+493023125399' });
  for (const MessageStatus of ['queued', 'sent', 'delivered', 'delivered']) {
    await phone.send('sms', { ...sent, MessageStatus });
  }
  await phone.send('sms', { ...sent, MessageSid: 'SMfailed', MessageStatus: 'undelivered', ErrorCode: '30003' });
  const told = await phone.read({ type: 'phone', value: '+493023125399' });
  expect(told.map(({ type }) => type).sort()).toEqual(['message.failed', 'message.sent']);
  expect(told.every(({ direction, trust }) => direction === 'outbound' && trust === 'asserted')).toBe(true);
});
