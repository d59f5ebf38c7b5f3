import { describe, expect, test } from 'vitest';
import { createProjectTimeline } from '../../functions/project-timeline/handler.ts';
import { createSweepDue } from '../../functions/sweep-due/handler.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { createDueItemsStore } from '../../shared/due/dueItemsStore.ts';
import { dueItemKey } from '../../shared/due/dueKeys.ts';
import { createTimelineTable, startTestEngine } from '../support/engine.ts';
import { dayMs, hourMs, interaction, minuteMs, mondayMs, said } from '../support/leafInteractions.ts';
import { createMeteredTable } from '../support/meteredTable.ts';
import { changeOf, createProjection, testLeafOf } from '../support/projection.ts';
import { newLeaf } from '../support/timelineMessages.ts';

const engine = await startTestEngine();
const noop = () => undefined;

let tables = 0;
/** The projection and the sweep on a table of their own, by a clock that stands still. */
async function practice() {
  const name = `timeline-${tables++}`;
  await createTimelineTable(engine.endpoint, name);
  const table = createMeteredTable(engine, name);
  const clock = { nowMs: mondayMs };
  const due = createDueItemsStore(table, () => clock.nowMs);
  const projection = createProjection(table);
  const log = { info: noop, warn: noop, error: noop, count: noop };
  const consume = createProjectTimeline({ ...projection, due, leafOf: testLeafOf, log });
  const ports = { due, timeline: projection.timeline, clock: () => clock.nowMs, log };
  const leaf = newLeaf('snoozed');
  const hello = said('Hello', mondayMs - hourMs, { leaf });
  await projection.store([hello]);
  return {
    ...projection,
    table,
    clock,
    due,
    ports,
    hello,
    sweep: createSweepDue(ports),
    /** Snoozes the conversation until a time, and gives the command to the projection. */
    async snooze(messageId: string, untilMs: number): Promise<Interaction> {
      const command = interaction({
        leaf,
        type: 'conversation.snoozed',
        messageId,
        occurredAtMs: clock.nowMs,
        channel: 'system',
        direction: 'internal',
        source: 'console',
        properties: { message: hello.id, until: new Date(untilMs).toISOString() },
      });
      await projection.store([command]);
      expect(await consume([changeOf(command, 0)])).toEqual([]);
      return command;
    },
    redeliver: async (command: Interaction) => void (await consume([changeOf(command, 0)])),
    async woken(): Promise<Interaction[]> {
      const { interactions } = await projection.timeline.readRange({
        leaf,
        keyClass: 'E',
        limit: 100,
        consistent: true,
      });
      return interactions.filter(({ type }) => type === 'conversation.woken').reverse();
    },
  };
}

describe('a snooze', () => {
  test('is over when its time has come, not before, and names the command', async () => {
    const { snooze, sweep, woken, clock, hello } = await practice();
    const command = await snooze('until ten', mondayMs + hourMs);
    clock.nowMs = mondayMs + hourMs - 1;
    await sweep();
    expect(await woken()).toEqual([]);
    clock.nowMs = mondayMs + hourMs + minuteMs;
    await sweep();
    expect(await woken()).toMatchObject([
      {
        occurredAt: '2026-03-02T10:00:00.000Z',
        receivedAt: '2026-03-02T10:01:00.000Z',
        channel: 'system',
        direction: 'internal',
        properties: { message: hello.id, snooze: command.id },
      },
    ]);
  });

  test('is over once, however often it is swept and however often the stream tells of it', async () => {
    const { snooze, sweep, woken, redeliver, clock } = await practice();
    const command = await snooze('until ten', mondayMs + hourMs);
    await redeliver(command);
    clock.nowMs = mondayMs + hourMs;
    await Promise.all([sweep(), sweep()]);
    await redeliver(command);
    clock.nowMs += minuteMs;
    await sweep();
    expect(await woken()).toHaveLength(1);
  });

  test('that was over when the projection saw it is over with the next sweep', async () => {
    const { snooze, sweep, woken, clock } = await practice();
    clock.nowMs = mondayMs + 2 * dayMs;
    await sweep();
    clock.nowMs += 10 * minuteMs;
    await snooze('long ago', mondayMs + hourMs);
    await sweep();
    expect(await woken()).toHaveLength(1);
  });

  test('costs nothing to who snoozes nothing', async () => {
    const { deliver, hello, table } = await practice();
    table.reset();
    await deliver([hello]);
    expect(table.calls.some(({ command }) => command.startsWith('Query'))).toBe(true);
    const writes = table.calls
      .map(({ command }) => command)
      .filter((command) => /^(Put|Update|Transact)/.test(command));
    expect(writes).toEqual(['PutItemCommand', 'TransactWriteItemsCommand', 'PutItemCommand']);
  });
});

describe('a sweep', () => {
  test('after three days finds everything that was due in between, with one query a day and one for what is there', async () => {
    const { snooze, sweep, woken, table, clock } = await practice();
    await sweep();
    const times = [minuteMs, hourMs, 26 * hourMs, 26 * hourMs + 1, 3 * dayMs - 1, 3 * dayMs + minuteMs];
    for (const [index, time] of times.entries()) await snooze(`${index}`, mondayMs + time);
    clock.nowMs = mondayMs + 3 * dayMs;
    table.reset();
    await sweep();
    expect((await woken()).map(({ occurredAt }) => occurredAt)).toEqual([
      '2026-03-02T09:01:00.000Z',
      '2026-03-02T10:00:00.000Z',
      '2026-03-03T11:00:00.000Z',
      '2026-03-03T11:00:00.001Z',
      '2026-03-05T08:59:59.999Z',
    ]);
    const queries = table.calls.filter(({ command }) => command === 'QueryCommand').slice(0, -1);
    // Four days, and at most five minutes that hold something.
    expect(queries.length).toBeLessThanOrEqual(9);
    clock.nowMs += minuteMs;
    await sweep();
    expect(await woken()).toHaveLength(6);
  });

  test('of nothing reads its cursor and a day, and writes its cursor', async () => {
    const { sweep, table, clock } = await practice();
    await sweep();
    clock.nowMs += minuteMs;
    table.reset();
    await sweep();
    expect(table.calls.map(({ command }) => command)).toEqual(['GetItemCommand', 'QueryCommand', 'PutItemCommand']);
  });

  test('the first one looks back a month', async () => {
    const { snooze, sweep, woken, clock } = await practice();
    await snooze('before the first sweep', mondayMs + minuteMs);
    clock.nowMs = mondayMs + 30 * dayMs;
    await sweep();
    expect(await woken()).toHaveLength(1);
  });

  test('goes on after the clock was turned back, and finds what was snoozed meanwhile', async () => {
    const { snooze, sweep, woken, clock } = await practice();
    clock.nowMs = mondayMs + 3 * hourMs;
    await sweep();
    clock.nowMs = mondayMs;
    await sweep();
    await snooze('until ten', mondayMs + hourMs);
    clock.nowMs = mondayMs + 3 * hourMs;
    await sweep();
    expect(await woken()).toHaveLength(1);
  });

  test('that breaks off before it remembers how far it came is done again, and nothing twice', async () => {
    const { snooze, sweep, woken, ports, clock } = await practice();
    await snooze('until ten', mondayMs + hourMs);
    clock.nowMs = mondayMs + hourMs;
    const due = { ...ports.due, advanceCursor: () => Promise.reject(new Error('the process ended here')) };
    await expect(createSweepDue({ ...ports, due })()).rejects.toThrow('the process ended here');
    clock.nowMs += dayMs;
    await sweep();
    expect(await woken()).toHaveLength(1);
    expect(await ports.due.readCursor()).toBe(mondayMs + hourMs + dayMs);
  });

  test('puts off what fails, longer and longer, and holds up nothing else', async () => {
    const { snooze, sweep, woken, ports, clock } = await practice();
    const [bad] = [await snooze('bad', mondayMs + minuteMs), await snooze('good', mondayMs + minuteMs)];
    const timeline: Pick<typeof ports.timeline, 'append'> = {
      append: (placement) =>
        placement.interaction.properties.snooze === bad.id
          ? Promise.reject(new Error('no table'))
          : ports.timeline.append(placement),
    };
    clock.nowMs = mondayMs + minuteMs;
    const breaking = createSweepDue({ ...ports, timeline });
    await breaking();
    expect(await woken()).toHaveLength(1);
    clock.nowMs += minuteMs;
    await breaking();
    clock.nowMs += minuteMs;
    await sweep();
    expect(await woken()).toHaveLength(1);
    clock.nowMs += minuteMs;
    await sweep();
    expect((await woken()).map(({ properties }) => properties.snooze)).toContain(bad.id);
  });

  test('is not held up by an item that cannot be read', async () => {
    const { snooze, sweep, woken, table, clock } = await practice();
    const good = await snooze('good', mondayMs + minuteMs);
    const key = dueItemKey(good.id, mondayMs + minuteMs);
    await table.put({ pk: key.pk, sk: `${key.sk.slice(0, 10)}poison`, kind: 'nothing known' });
    clock.nowMs = mondayMs + minuteMs;
    await sweep();
    expect(await woken()).toHaveLength(1);
  });
});
