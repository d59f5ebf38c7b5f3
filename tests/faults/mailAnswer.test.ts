import { beforeAll, describe, expect, test } from 'vitest';
import { type MailAnswerPorts, mailAnswer } from '../../shared/answer/mailAnswer.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { type IncomingInteraction, placeInteraction } from '../../shared/timeline/placeInteraction.ts';
import { createMemoryTimeline } from '../support/memoryTimeline.ts';
import { practiceSender } from '../support/practiceSender.ts';
import { beganAtMs, minuteMs, type Played, playSends, type Try, type World } from './playSends.ts';

/*
 * Three answers in a chat that the visitor reads late or never, each with its own command in the queue. The first that
 * comes takes the others along.
 */
const words = ['first-answer', 'second-answer', 'third-answer'] as const;
type Run = Played<{ answer: string }> & { scenario: { answers: Interaction[]; readUntilMs(): number } };

describe('answers under faults', () => {
  const runs: Run[] = [];
  const settled = () => runs.filter(({ deadLettered }) => deadLettered.length === 0);
  const each = (check: (answer: Interaction, found: ReturnType<typeof foundOf>, seed: number) => void) => {
    for (const run of settled())
      for (const answer of run.scenario.answers) check(answer, foundOf(run, answer), run.seed);
  };

  beforeAll(async () => {
    for (let seed = 0; seed < 400; seed++) runs.push(await playSends(seed, scenarioOf));
  });

  test('are mailed once, and a second time only where the first try stayed unproven', () => {
    for (const run of runs) {
      for (const answer of run.scenario.answers) {
        const { mails } = foundOf(run, answer);
        const most = mails.some(({ isProven }) => !isProven) ? 2 : 1;
        expect(mails.length, `seed ${run.seed} ${answer.text}`).toBeLessThanOrEqual(most);
      }
    }
  });

  test('end with one record each, unless they were read and not mailed', () => {
    each(({ text }, { isRead, mails, records }, seed) => {
      if (isRead && mails.length === 0 && records.length === 0) return;
      expect(records, `seed ${seed} ${text}`).toHaveLength(1);
    });
  });

  test('are said to be mailed where that is proven, and never where they were not', () => {
    each(({ text }, { mails, records }, seed) => {
      const isSaid = records.includes('answer.mailed');
      if (isSaid) expect(mails.length, `seed ${seed} ${text}`).toBeGreaterThan(0);
      if (mails.some(({ isProven }) => isProven)) expect(isSaid, `seed ${seed} ${text}`).toBe(true);
    });
  });

  test('meet every kind of fault and of end in these runs', () => {
    const met = new Set<string>();
    for (const run of runs) {
      for (const fault of run.faults) met.add(fault);
      for (const answer of run.scenario.answers) {
        const { isRead, mails, records } = foundOf(run, answer);
        met.add(`${records.join()} ${mails.length}`);
        if (isRead && records.length === 0) met.add('read');
      }
      if (run.mails.some(({ raw }) => words.every((word) => raw.includes(word)))) met.add('together');
    }
    expect([...met].sort()).toEqual(
      expect.arrayContaining([
        'accepted',
        'answer lost',
        'answer.mailed 1',
        'answer.mailed 2',
        'answer.suppressed:read 0',
        'answer.suppressed:rejected 0',
        'answer.suppressed:unclear 0',
        'crashed',
        'read',
        'rejected',
        'request lost',
        'throttled',
        'together',
        'write answer lost',
      ]),
    );
  });
});

/** What became of an answer: the mails that brought it, and what the timeline says. */
function foundOf({ mails, scenario, stored }: Run, { id, receivedAt, text = '' }: Interaction) {
  const named = stored.filter(({ properties }) => Array.isArray(properties.answers) && properties.answers.includes(id));
  return {
    mails: mails.filter(({ raw }) => raw.includes(text)),
    records: named.map(({ properties, type }) => (type === 'answer.mailed' ? type : `${type}:${properties.reason}`)),
    isRead: Date.parse(receivedAt) <= scenario.readUntilMs(),
  };
}

function scenarioOf(world: World) {
  const { chance, leafOf, random, stored } = world;
  const browser = leafOf({ type: 'anonymousId', value: 'lena-browser' });
  const place = (atMs: number, more: Partial<IncomingInteraction>): Interaction =>
    placeInteraction(
      {
        home: browser,
        messageId: `m-${atMs}`,
        clientTimeMs: atMs,
        type: 'message.received',
        channel: 'web',
        direction: 'inbound',
        source: 'website',
        touchpoint: 'widget',
        trust: 'claimed',
        identifiers: [],
        properties: {},
        ...more,
      },
      { newId: world.newId, receivedAtMs: atMs },
    ).interaction;
  const typed = (atMs: number, value: string) =>
    place(atMs, { type: 'customer.identified', identifiers: [{ type: 'email', value, trust: 'claimed' }] });
  const identified = typed(beganAtMs - 3 * minuteMs, 'lena@example.com');
  // While it is sent, the visitor may type another address, and some still see the first alone.
  const typedAgain = typed(beganAtMs - minuteMs, 'lena@home.example');
  const question = place(beganAtMs - 2 * minuteMs, { text: 'Is Minka due?' });
  const conversationId = question.id;
  stored.set(question.id, { ...question, conversationId });
  const answers = words.map((text, index) => {
    const atMs = beganAtMs + index * minuteMs;
    const properties = { inReplyTo: question.id };
    return { ...place(atMs, { type: 'message.sent', direction: 'outbound', text, properties }), conversationId };
  });
  for (const [index, answer] of answers.entries()) {
    world.later(index * minuteMs, async () => void stored.set(answer.id, answer));
  }
  let readUntilMs = 0;
  if (chance(0.5)) {
    world.later(random() * 30 * minuteMs, async () => {
      readUntilMs = world.nowMs;
    });
  }
  return {
    answers,
    readUntilMs: () => readUntilMs,
    queued: answers.map(({ id }, index) => ({ command: { answer: id }, delayMs: (index + 3) * minuteMs })),
    steps: 24,
    carryOut({ over, step }: Try, command: { answer: string }) {
      const { ledgers, mailer, timeline } = over(world.ledgers);
      const memory = createMemoryTimeline();
      memory.interactions.push(identified, ...(chance(0.2) ? [typedAgain] : []), question);
      const ports: MailAnswerPorts = {
        timeline: { ...timeline, readRange: (range) => step(() => memory.readRange(range)) },
        conversations: { readNewest: () => step(async () => answers.filter(({ id }) => stored.has(id)).toReversed()) },
        readMarks: { readMark: () => step(async () => readUntilMs) },
        customers: {
          readState: () =>
            step(async () => ({ head: undefined, version: 0, aloneAtEpoch: 0, customer: undefined, others: [] })),
          readNode: async () => undefined,
        },
        ledgers,
        mailer,
        tokens: { bindReply: () => step(async () => undefined) },
        replyTokens: { issue: () => ({ name: 'name', token: 'token' }) },
        resumeTokens: { issue: async () => 'token' },
        sender: practiceSender,
        leafOf,
        newId: world.newId,
        clock: () => world.nowMs,
      };
      return mailAnswer(ports, command);
    },
  };
}
