import { SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, test } from 'vitest';
import { checkFollowUp, type FollowUpFacts } from '../../shared/follow-up/checkFollowUp.ts';
import { decideFollowUps } from '../../shared/follow-up/decideFollowUps.ts';
import { followUpCommandSchema } from '../../shared/follow-up/followUpCommand.ts';
import { sendKeyOf } from '../../shared/follow-up/followUpKeys.ts';
import { createFollowUpQueueStore } from '../../shared/follow-up/followUpQueueStore.ts';
import { type Playbook, playbooks, triggerOf } from '../../shared/follow-up/playbooks.ts';
import { readPlaybooks } from '../../shared/follow-up/readPlaybooks.ts';
import { templateLanguage } from '../../shared/follow-up/renderFollowUp.ts';
import { emptyLedger, type SendEntry, standingOf, withEntry } from '../../shared/follow-up/sendLedger.ts';

const hourMs = 60 * 60_000;
const nowMs = Date.UTC(2026, 2, 2, 9);
const [playbook] = playbooks as readonly [Playbook];
const entry: SendEntry = {
  state: 'sent',
  atMs: nowMs,
  class: 'transactional',
  purpose: 'service-recovery',
  owner: 'one',
};

describe('what is due', () => {
  test('a missed call is apologised for, by a command that the queue understands', () => {
    const occasion = 'QmVybGluLTMwMjMxMjUxMT.E0mhp3k2qf.Zk3xQ0aB9cD8eF7g';
    const commands = decideFollowUps({ customerId: 'root', triggers: [{ id: occasion, type: 'call.missed' }] });
    expect(commands).toEqual([
      { command: { playbook: 'missed-call', step: 'apologise', occasion, customerId: 'root' } },
    ]);
    expect(commands.map(({ command }) => ({ command: followUpCommandSchema.parse(command) }))).toEqual(commands);
  });

  test('every missed call of a batch is an occasion of its own', () => {
    const triggers = ['call-1', 'call-2'].map((id) => ({ id, type: 'call.missed' }));
    expect(
      decideFollowUps({ customerId: 'root', triggers }).map(({ command }) => 'occasion' in command && command.occasion),
    ).toEqual(['call-1', 'call-2']);
  });

  test('an answer by mail is mailed at once, one in the widget after three minutes', () => {
    const answer = { type: 'message.sent', direction: 'outbound', properties: {} } as const;
    const types = (['email', 'web'] as const).map((channel) => triggerOf({ ...answer, channel }) ?? '');
    expect(decideFollowUps({ customerId: 'root', triggers: types.map((type) => ({ id: type, type })) })).toEqual([
      { command: { answer: 'answer' } },
      { command: { answer: 'answer.unread' }, delayMs: 180_000 },
    ]);
  });

  test.each(['message.sent', 'follow-up.suppressed', 'email.delivered', 'email.bounced', 'consent.withdrawn'])(
    '%s, which the platform makes, causes nothing: no follow-up can cause itself',
    (type) => {
      const made = { type, channel: 'email', direction: 'outbound', properties: { automatic: true } } as const;
      expect(triggerOf(made)).toBeUndefined();
      expect(decideFollowUps({ customerId: 'root', triggers: [{ id: 'one', type }] })).toEqual([]);
    },
  );
});

describe('a send', () => {
  const step = { playbook: 'missed-call', step: 'apologise', occasion: 'call-1' };

  test('is another one for another step, occasion or address, and the same for the same', () => {
    const keys = [
      sendKeyOf(step, 'leaf-1'),
      sendKeyOf(step, 'leaf-2'),
      sendKeyOf({ ...step, occasion: 'call-2' }, 'leaf-1'),
      sendKeyOf({ ...step, step: 'ask' }, 'leaf-1'),
      sendKeyOf({ ...step, playbook: 'other' }, 'leaf-1'),
    ];
    expect(new Set(keys).size).toBe(5);
    expect(sendKeyOf({ ...step }, 'leaf-1')).toBe(keys[0]);
    // As a tag of the mail service it may hold nothing else.
    for (const key of keys) expect(key).toMatch(/^[\w-]{22}$/);
  });

  test.each<[Partial<SendEntry>, number, string]>([
    [{ state: 'sent' }, 0, 'sent'],
    [{ state: 'suppressed' }, 0, 'suppressed'],
    [{ state: 'claimed' }, 899_999, 'wait'],
    [{ state: 'claimed' }, 900_000, 'retry'],
    [{ state: 'claimed', class: 'marketing' }, 899_999, 'wait'],
    [{ state: 'claimed', class: 'marketing' }, 900_000, 'drop'],
    [{ state: 'retried', retriedAtMs: nowMs + 900_000 }, 1_799_999, 'wait'],
    [{ state: 'retried', retriedAtMs: nowMs + 900_000 }, 1_800_000, 'drop'],
  ])('with the entry %j is after %d ms to be: %s', (state, afterMs, standing) => {
    expect(standingOf({ ...entry, ...state }, nowMs + afterMs)).toBe(standing);
  });

  test('is remembered for 45 days, longer than any cap holds and any dead letter waits, and then forgotten', () => {
    const ledger = withEntry(emptyLedger, 'old', entry, nowMs);
    const days = (count: number) => nowMs + count * 24 * hourMs;
    expect(Object.keys(withEntry(ledger, 'new', { ...entry, atMs: days(44) }, days(44)).entries)).toEqual([
      'old',
      'new',
    ]);
    expect(Object.keys(withEntry(ledger, 'new', { ...entry, atMs: days(45) }, days(45)).entries)).toEqual(['new']);
  });
});

describe('what speaks against a follow-up', () => {
  const facts: FollowUpFacts = {
    playbook,
    ledger: emptyLedger,
    otherLedgers: [],
    occasionAtMs: nowMs - hourMs,
    isSuperseded: false,
    nowMs,
  };
  const sentAt = (atMs: number, more: Partial<SendEntry> = {}) => ({
    ...emptyLedger,
    entries: { earlier: { ...entry, atMs, ...more } },
  });
  const objected = { ...emptyLedger, unsubscribed: { 'service-recovery': nowMs - hourMs } };

  test.each<[string, Partial<FollowUpFacts>, string | undefined]>([
    ['nothing', {}, undefined],
    ['an objection', { ledger: objected }, 'unsubscribed'],
    ['an objection by another address', { otherLedgers: [objected] }, 'unsubscribed'],
    ['an objection to something else', { ledger: { ...emptyLedger, unsubscribed: { reminders: nowMs } } }, undefined],
    ['a missing consent', { playbook: { ...playbook, legalBasis: 'consent' } }, 'no-consent'],
    [
      'a mailbox that does not exist',
      { ledger: { ...emptyLedger, suppressed: { reason: 'bounce', atMs: nowMs } } },
      'address-suppressed',
    ],
    ['a mail just now', { ledger: sentAt(nowMs - 4 * hourMs + 1) }, 'frequency-cap'],
    ['a mail just now to another address', { otherLedgers: [sentAt(nowMs - hourMs)] }, 'frequency-cap'],
    ['a mail that may have been sent', { ledger: sentAt(nowMs - hourMs, { state: 'claimed' }) }, 'frequency-cap'],
    ['a mail that was not sent', { ledger: sentAt(nowMs - hourMs, { state: 'suppressed' }) }, undefined],
    ['a mail for something else', { ledger: sentAt(nowMs - hourMs, { purpose: 'reminders' }) }, undefined],
    ['a mail four hours ago', { ledger: sentAt(nowMs - 4 * hourMs) }, undefined],
    ['an answer meanwhile', { isSuperseded: true }, 'superseded'],
    ['a cause exactly a day ago', { occasionAtMs: nowMs - 24 * hourMs }, undefined],
    ['a cause more than a day ago', { occasionAtMs: nowMs - 24 * hourMs - 1 }, 'too-old'],
    [
      'an objection and a cap',
      { ledger: { ...objected, ...sentAt(nowMs), unsubscribed: objected.unsubscribed } },
      'unsubscribed',
    ],
  ])('%s', (_, more, reason) => {
    expect(checkFollowUp({ ...facts, ...more })).toBe(reason);
  });
});

describe('an operator', () => {
  const [name, other] = ['playbooks/missed-call', 'playbooks/missed-cal'];

  test('may make a playbook marketing, cap it otherwise and let its causes grow older', () => {
    const settings = { class: 'marketing', cap: { sends: 2, hours: 48 }, maximumAgeHours: 2 };
    expect(readPlaybooks(new Map([[name, JSON.stringify(settings)]]))).toEqual([
      { ...playbook, class: 'marketing', cap: { sends: 2, periodMs: 48 * hourMs }, maximumAgeMs: 2 * hourMs },
    ]);
    expect(readPlaybooks(new Map([['pepper', 'x']]))).toEqual(playbooks);
  });

  test('is told every setting that is not understood, and none is replaced by a default', () => {
    const parameters = new Map([
      [name, '{"class":"newsletter","cap":{"sends":0,"hours":1000},"quiet":true}'],
      [other, '{}'],
    ]);
    expect(() => readPlaybooks(parameters)).toThrow(
      /missed-cal: there is no such playbook[\s\S]*missed-call\.class:[\s\S]*missed-call\.cap\.sends:[\s\S]*missed-call\.cap\.hours:[\s\S]*"quiet"/,
    );
    expect(() => readPlaybooks(new Map([[name, '{']]))).toThrow('playbooks/missed-call');
  });
});

describe('the queue', () => {
  const command = { playbook: 'missed-call', step: 'apologise', occasion: 'call-1', customerId: 'root' };
  const commands = Array.from({ length: 23 }, (_, index) => ({ ...command, occasion: `call-${index}` }));

  function queueThat(fails: boolean) {
    const sizes: number[] = [];
    const client = new SQSClient({ region: 'eu-central-1', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
    client.middlewareStack.add(
      () =>
        async ({ input }) => {
          sizes.push('Entries' in input ? (input.Entries?.length ?? 0) : 0);
          const Failed = fails ? [{ Id: '0', Code: 'InternalError', SenderFault: false }] : [];
          return { output: { $metadata: {}, Failed } as never, response: {} };
        },
      { step: 'initialize' },
    );
    return { sizes, queue: createFollowUpQueueStore(client, 'http://queue.example/due') };
  }

  test('takes ten in a request', async () => {
    const { queue, sizes } = queueThat(false);
    await queue.enqueue(commands.map((command) => ({ command })));
    expect(sizes).toEqual([10, 10, 3]);
    await queue.enqueue([]);
    expect(sizes).toHaveLength(3);
  });

  test('that refused a single one is an error: the change of the timeline comes again', async () => {
    await expect(queueThat(true).queue.enqueue(commands.map((command) => ({ command })))).rejects.toThrow(
      'refused 1 of 10 follow-ups: InternalError',
    );
  });
});

test.each([
  ['de', 'de'],
  ['de-AT', 'de'],
  ['DE_ch', 'de'],
  ['en-GB', 'en'],
  ['den', 'en'],
  ['pl', 'en'],
  [undefined, 'en'],
])('who speaks %s is written to in %s', (spoken, written) => {
  expect(templateLanguage(spoken, 'en')).toBe(written);
});
