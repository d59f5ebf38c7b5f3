import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { foldDrafts } from '../../shared/conversation/cardDrafts.ts';
import { speakerOf } from '../../shared/conversation/conversationMessage.ts';
import { storyOf } from '../../shared/conversation/conversationStory.ts';
import { joinedSince, type LeafFact, leafFactOf } from '../../shared/conversation/leafLinks.ts';
import { isSameSubject, mailSubject } from '../../shared/conversation/mailSubject.ts';
import {
  answered,
  dayMs,
  hourMs,
  interaction,
  minuteMs,
  mondayMs,
  said,
  testLeaf,
} from '../support/leafInteractions.ts';
import { newLeaf } from '../support/timelineMessages.ts';

function fold(interactions: readonly Interaction[], links: readonly LeafFact[] = []) {
  return foldDrafts(testLeaf, { ...storyOf(interactions), links: [...links] });
}

/** Each message's text with the text of its conversation's opening message and the reason. */
function membership(interactions: readonly Interaction[], links: readonly LeafFact[] = []): Record<string, string> {
  const texts = new Map(interactions.map(({ id, text = '' }) => [id, text]));
  return Object.fromEntries(
    [...fold(interactions, links).memberships].map(([id, { conversationId, reason }]) => [
      texts.get(id) ?? id,
      `${texts.get(conversationId)} ${reason}`,
    ]),
  );
}

function mail(text: string, occurredAtMs: number, subject: string | undefined, fields: Partial<Interaction> = {}) {
  return said(text, occurredAtMs, { channel: 'email', properties: { subject }, ...fields });
}

type Stage = 'started' | 'answered' | 'ended' | 'missed';

function call(
  callId: string,
  stage: Stage,
  occurredAtMs: number,
  fields: { receivedAtMs?: number; leaf?: string } = {},
) {
  return interaction({
    type: `call.${stage}`,
    channel: 'voice',
    source: 'twilio',
    messageId: `${callId} ${stage}`,
    occurredAtMs,
    text: `${callId} ${stage}`,
    properties: { callId: `twilio:${callId}` },
    ...fields,
  });
}

const hello = said('hello', mondayMs);

describe('a mail', () => {
  test('with a subject of its own begins a conversation, whatever else is open', () => {
    expect(membership([hello, mail('letter', mondayMs + hourMs, 'Vaccination')])).toEqual({
      hello: 'hello new',
      letter: 'letter new',
    });
  });

  test('continues the conversation about the same subject, beside newer ones about others, for fourteen days', () => {
    const first = mail('first', mondayMs, 'Vaccination');
    const other = mail('other', mondayMs + hourMs, 'Food');
    const reply = mail('reply', mondayMs + 14 * dayMs, 'Re: AW: vaccination ');
    const late = mail('late', mondayMs + 28 * dayMs + 1, 'Re: Vaccination');
    expect(membership([first, other, reply, late])).toEqual({
      first: 'first new',
      other: 'other new',
      reply: 'first open',
      late: 'late new',
    });
  });

  test('without a subject continues what is open', () => {
    expect(membership([hello, mail('letter', mondayMs + hourMs, '  Re: ')])).toEqual({
      hello: 'hello new',
      letter: 'hello open',
    });
  });

  test('is continued by a chat, and the card keeps its subject', () => {
    const letter = mail('letter', mondayMs, 'WG: Vaccination');
    const fold_ = fold([letter, said('chat', mondayMs + hourMs)]);
    expect(fold_.drafts).toMatchObject([{ conversationId: letter.id, subject: 'Vaccination', channel: 'web' }]);
  });

  test('continues what a mail of ours about that subject belongs to', () => {
    const missed = call('CA1', 'missed', mondayMs);
    const sorry = answered('sorry', mondayMs + minuteMs, missed.id, {
      channel: 'email',
      properties: { inReplyTo: missed.id, automatic: true, subject: 'We missed your call' },
    });
    const reply = mail('reply', mondayMs + hourMs, 'Re: We missed your call');
    expect(membership([missed, sorry, reply])).toEqual({
      'CA1 missed': 'CA1 missed new',
      sorry: 'CA1 missed reference',
      reply: 'CA1 missed open',
    });
    expect(fold([missed, sorry]).drafts[0]).toMatchObject({ status: 'open', owes: 'us' });
  });

  test('does not choose its conversation by the references of its headers', () => {
    const forged = mail('forged', mondayMs + 20 * dayMs, 'x', { properties: { subject: 'x', inReplyTo: hello.id } });
    expect(membership([hello, forged])).toEqual({ hello: 'hello new', forged: 'forged new' });
  });
});

describe('a subject', () => {
  test.each([
    ['Re: Vaccination', 'Vaccination'],
    ['AW: WG: Re[2]: Vaccination', 'Vaccination'],
    ['Antwort:Vaccination', 'Vaccination'],
    ['RÉF : Vaccination', 'Vaccination'],
    ['Fwd: Fw: (no subject)', '(no subject)'],
    ['Re: Re: ', undefined],
    ['   ', undefined],
    [undefined, undefined],
    [42, undefined],
    ['Reminder: vaccination', 'Reminder: vaccination'],
    ['Re', 'Re'],
    ['Subject\r\n with a fold', 'Subject with a fold'],
  ])('%j reads %j', (value, subject) => {
    expect(mailSubject(value)).toBe(subject);
  });

  test('is the same in whatever case and spelling of characters', () => {
    expect(isSameSubject('Müllers Kätzchen', 'MÜLLERS  KÄTZCHEN')).toBe(true);
    expect(isSameSubject('Minka', 'Balu')).toBe(false);
  });

  test('is read the same a second time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        const subject = mailSubject(text);
        expect(mailSubject(subject)).toBe(subject);
      }),
    );
  });
});

describe('a call', () => {
  const story = [
    call('CA1', 'started', mondayMs),
    call('CA1', 'answered', mondayMs + minuteMs),
    call('CA1', 'ended', mondayMs + 5 * minuteMs),
  ];

  test('continues what is open, and its reports stay together', () => {
    expect(membership([said('chat', mondayMs - hourMs), ...story])).toEqual({
      chat: 'chat new',
      'CA1 started': 'chat open',
      'CA1 answered': 'chat call',
      'CA1 ended': 'chat call',
    });
  });

  test('stays together over leaves, and however long it takes', () => {
    const transferred = call('CA1', 'ended', mondayMs + 20 * dayMs, { leaf: newLeaf('another-number') });
    const late = call('CA1', 'answered', mondayMs + minuteMs, { receivedAtMs: mondayMs + 10 * dayMs });
    expect(membership([story[0] ?? hello, late, transferred])).toEqual({
      'CA1 started': 'CA1 started new',
      'CA1 answered': 'CA1 started call',
      'CA1 ended': 'CA1 started call',
    });
  });

  test.each<[string, Stage[], { status: string; owes: string; text: string; by: string }]>([
    ['that rings waits for us', ['started'], { status: 'open', owes: 'us', text: 'CA1 started', by: 'customer' }],
    [
      'that was answered leaves nobody owing',
      ['started', 'answered', 'ended'],
      { status: 'pending', owes: 'nobody', text: 'CA1 ended', by: 'system' },
    ],
    [
      'that was missed waits for us',
      ['started', 'missed'],
      { status: 'open', owes: 'us', text: 'CA1 missed', by: 'customer' },
    ],
    [
      'that was missed waits for us also where its end is reported, too',
      ['started', 'ended', 'missed'],
      { status: 'open', owes: 'us', text: 'CA1 missed', by: 'customer' },
    ],
  ])('%s, in whatever order its reports arrive', (_, stages, standing) => {
    fc.assert(
      fc.property(fc.shuffledSubarray(stages, { minLength: stages.length }), (arrivals) => {
        const reports = stages.map((stage, index) =>
          call('CA1', stage, mondayMs + index * minuteMs, {
            receivedAtMs: mondayMs + hourMs + arrivals.indexOf(stage) * minuteMs,
          }),
        );
        const [draft, ...others] = fold(reports).drafts;
        expect(others).toEqual([]);
        expect({
          status: draft?.status,
          owes: draft?.owes,
          text: draft?.endedWith.text,
          by: draft?.endedWith.by,
        }).toEqual(standing);
      }),
    );
  });

  test('that was answered answers what the customer asked before', () => {
    expect(fold([said('chat', mondayMs - hourMs), ...story]).drafts[0]).toMatchObject({ owes: 'nobody' });
  });

  test('of ours that nobody answers leaves the customer waiting', () => {
    const outbound = story.filter((_, index) => index !== 1).map((one) => ({ ...one, direction: 'outbound' as const }));
    expect(fold([said('chat', mondayMs - hourMs), ...outbound]).drafts[0]).toMatchObject({ owes: 'us' });
  });

  test('is spoken by who calls and answered by who is called', () => {
    const by = (type: string, direction: 'inbound' | 'outbound') => speakerOf({ type, direction, properties: {} });
    expect([by('call.started', 'inbound'), by('call.answered', 'inbound')]).toEqual(['customer', 'agent']);
    expect([by('call.started', 'outbound'), by('call.answered', 'outbound')]).toEqual(['agent', 'customer']);
    expect([by('call.ended', 'inbound'), by('call.missed', 'inbound')]).toEqual(['system', 'customer']);
  });

  test('without an id stands for itself', () => {
    const anonymous = { ...call('CA1', 'missed', mondayMs), properties: {} };
    expect(fold([anonymous]).drafts[0]).toMatchObject({ owes: 'us', endedWith: { text: 'CA1 missed' } });
  });
});

describe('conversations over leaves', () => {
  const [phone, laptop, tablet] = ['phone', 'laptop', 'tablet'].map((name) => newLeaf(name));
  if (!phone || !laptop || !tablet) throw new Error('three leaves');
  const link = (a: string, b: string, sinceMs: number): LeafFact => ({ a, b, sinceMs });

  test('that were open when their leaves were linked stay two; what is said later continues the latest', () => {
    const story = [
      said('from the phone', mondayMs, { leaf: phone }),
      said('from the laptop', mondayMs + minuteMs, { leaf: laptop }),
      said('later', mondayMs + hourMs, { leaf: phone }),
    ];
    expect(membership(story, [link(phone, laptop, mondayMs + 2 * minuteMs)])).toEqual({
      'from the phone': 'from the phone new',
      'from the laptop': 'from the laptop new',
      later: 'from the laptop open',
    });
    expect(membership(story, [link(phone, laptop, mondayMs - minuteMs)])).toEqual({
      'from the phone': 'from the phone new',
      'from the laptop': 'from the phone open',
      later: 'from the phone open',
    });
  });

  test('go by when the message was written, so that a slow delivery changes nothing', () => {
    const joined = [link(phone, laptop, mondayMs + hourMs)];
    const written = (receivedAtMs: number) =>
      said('before the link', mondayMs + minuteMs, { leaf: laptop, receivedAtMs });
    for (const receivedAtMs of [mondayMs + minuteMs, mondayMs + 2 * hourMs]) {
      const story = [said('from the phone', mondayMs, { leaf: phone }), written(receivedAtMs)];
      expect(membership(story, joined)['before the link']).toBe('before the link new');
    }
  });

  test('are joined over a leaf between them since the later of the links, and always where no link says when', () => {
    const since = joinedSince([phone, laptop, tablet], [link(phone, tablet, 20), link(tablet, laptop, 10)]);
    expect([since(phone, laptop), since(laptop, tablet), since(phone, phone)]).toEqual([20, 10, 0]);
    expect(joinedSince([phone, laptop], [])(phone, laptop)).toBe(0);
    expect(joinedSince([phone], [])(phone, laptop)).toBe(Number.POSITIVE_INFINITY);
  });

  test('learn of a link from the fact on the timeline', () => {
    const properties = { a: { leaf: phone, type: 'userId' }, b: { leaf: laptop, type: 'anonymousId' } };
    const fact = interaction({ messageId: 'fact', type: 'identity.linked', channel: 'system', properties });
    expect(leafFactOf(fact)).toEqual({ a: phone, b: laptop, sinceMs: mondayMs });
    expect(leafFactOf({ ...fact, type: 'identity.conflicted' })).toBeUndefined();
    expect(leafFactOf({ ...fact, properties: {} })).toBeUndefined();
  });

  test('say from which leaf the customer last wrote in the widget, whatever call or mail came in between', () => {
    const first = said('from the phone', mondayMs, { leaf: phone });
    const second = said('from the laptop', mondayMs + minuteMs, { leaf: laptop });
    const answer = answered('answer', mondayMs + 2 * minuteMs, first.id, { leaf: phone });
    const call = interaction({
      messageId: 'call',
      type: 'call.started',
      channel: 'voice',
      occurredAtMs: mondayMs + 3 * minuteMs,
      properties: { callId: 'twilio:CA1' },
      leaf: tablet,
    });
    expect(fold([first, second, answer, call]).drafts).toMatchObject([{ channel: 'voice', widgetLeaf: laptop }]);
    expect(fold([first, answer]).drafts).toMatchObject([{ widgetLeaf: phone }]);
    expect(fold([call]).drafts[0]).not.toHaveProperty('widgetLeaf');
  });

  test('INV-C: do not depend on the order in which messages and links are given', () => {
    const leaf = fc.constantFrom(phone, laptop, tablet);
    const message = fc.record({
      leaf,
      kind: fc.constantFrom('chat', 'sms', 'mail', 'call', 'answer'),
      minute: fc.integer({ min: 0, max: 40 }),
      day: fc.constantFrom(0, 1, 14, 20),
      delay: fc.integer({ min: 0, max: 80 }),
      other: fc.nat(),
    });
    const linked = fc.record({ a: leaf, b: leaf, day: fc.constantFrom(-1, 0, 1, 15) });
    fc.assert(
      fc.property(
        fc.array(message, { maxLength: 10 }),
        fc.array(linked, { maxLength: 4 }),
        fc.infiniteStream(fc.nat()),
        (messages, joined, ranks) => {
          const ids: string[] = [];
          const told = messages.map(({ leaf: home, kind, minute, day, delay, other }, index) => {
            const occurredAtMs = mondayMs + day * dayMs + minute * minuteMs;
            const fields = { leaf: home, receivedAtMs: occurredAtMs + delay * hourMs };
            const name = `${index}`;
            const stage = (['started', 'answered', 'ended', 'missed'] as const)[other % 4] ?? 'started';
            const one =
              kind === 'answer'
                ? answered(name, occurredAtMs, ids[other % (ids.length + 1)], fields)
                : kind === 'call'
                  ? { ...call(`CA${minute % 2}`, stage, occurredAtMs, fields), text: name }
                  : kind === 'mail'
                    ? said(name, occurredAtMs, {
                        ...fields,
                        channel: 'email',
                        properties: { subject: `${minute % 2}` },
                      })
                    : said(name, occurredAtMs, { ...fields, channel: kind === 'sms' ? 'sms' : 'web' });
            ids.push(one.id);
            return one;
          });
          // Two reports of one call at one moment are one interaction; the timeline keeps the first.
          const interactions = told.filter(({ id }, index) => ids.indexOf(id) === index);
          const links = joined.map(({ a, b, day }) => link(a, b, mondayMs + day * dayMs));
          const shuffled = <T>(values: readonly T[]): T[] =>
            values
              .map((value) => ({ value, rank: ranks.next().value }))
              .sort((one, other) => one.rank - other.rank)
              .map(({ value }) => value);
          const byId = (drafts: ReturnType<typeof fold>['drafts']) =>
            [...drafts].sort((one, other) => (one.conversationId < other.conversationId ? -1 : 1));
          const [one, other] = [fold(interactions, links), fold(shuffled(interactions), shuffled(links))];
          expect([...other.memberships].sort()).toEqual([...one.memberships].sort());
          expect(byId(other.drafts)).toEqual(byId(one.drafts));
        },
      ),
      { numRuns: 500 },
    );
  });
});
