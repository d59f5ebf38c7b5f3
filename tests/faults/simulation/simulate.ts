import { createDecideFollowUps } from '../../../functions/decide-follow-ups/handler.ts';
import { createProjectTimeline } from '../../../functions/project-timeline/handler.ts';
import { createConversationStore } from '../../../shared/conversation/conversationStore.ts';
import { createCustomerStore } from '../../../shared/customer/customerStore.ts';
import { createDueItemsStore } from '../../../shared/due/dueItemsStore.ts';
import type { FollowUpCommand } from '../../../shared/follow-up/followUpCommand.ts';
import { createIdentityStore } from '../../../shared/identity/identityStore.ts';
import type { Pause } from '../../../shared/platform/pause.ts';
import type { Table } from '../../../shared/platform/table.ts';
import { createTimelineStore } from '../../../shared/timeline/timelineStore.ts';
import { leafOf, perform } from './actors.ts';
import { createChance } from './chance.ts';
import { createConsumer, newProcess } from './consumer.ts';
import type { FaultPlan } from './faults.ts';
import type { History, Step } from './history.ts';
import type { SentMail } from './mails.ts';
import type { Execute, ImageChange } from './memoryDynamo.ts';
import { createProcesses, type HappenedFault, type Processes } from './processes.ts';
import { createScheduler, settled } from './scheduler.ts';
import { createSweeper } from './sweeper.ts';

/** Where a run's requests end up. */
export interface Backend {
  /** Undefined where there is only one. */
  tableName?: string;
  execute: Execute;
  changes: readonly ImageChange[];
}

/** A step that was answered: what the sender may rely on. */
export interface Acknowledged {
  step: Step;
  ids: string[];
}

export interface Run {
  acknowledged: Acknowledged[];
  /** Steps of which something may be stored; of the others nothing may. */
  begun: Step[];
  enqueued: FollowUpCommand[];
  faults: HappenedFault[];
  /** What went wrong in a way that no fault explains. */
  surprises: string[];
  turns: number;
  /** Mails of ours by the step that sent them. */
  mails: Map<number, SentMail>;
  /** What was due by then is done; undefined where nobody ever looked. */
  sweptUntilMs: number | undefined;
}

/** Monday, 2 March 2026, nine o'clock. */
const beganAtMs = Date.UTC(2026, 2, 2, 9);
const hourMs = 60 * 60 * 1000;
const mostTries = 6;
/** A run that is not quiet after so many turns goes on for ever. */
const mostTurns = 60_000;

const log = { info: noop, warn: noop, error: noop, count: noop };

/** Where steps are taken. */
interface World {
  processes: Processes;
  clock: { nowMs: number };
  run: Run;
}

/** Plays a history under its faults, then delivers everything without any until nothing moves. */
export async function simulate({ steps, weather }: History, plan: FaultPlan, backend: Backend): Promise<Run> {
  const chance = createChance(plan.seed ^ 0x5eed);
  const scheduler = createScheduler();
  let isCalm = true;
  const processes = createProcesses({
    scheduler,
    tableName: backend.tableName ?? 'timeline',
    execute: backend.execute,
    plan: () => (isCalm ? undefined : plan),
  });
  const run: Run = {
    acknowledged: [],
    begun: [],
    enqueued: [],
    faults: processes.happened,
    surprises: [],
    turns: 0,
    mails: new Map(),
    sweptUntilMs: undefined,
  };
  const clock = { nowMs: beganAtMs };
  const report = (error: unknown) => void (isExpected(error) || run.surprises.push(describe(error)));
  const consumer = (name: string, accepts: (change: ImageChange) => boolean, create: typeof createProject) =>
    createConsumer(name, {
      accepts,
      chance,
      create: (table, pause) => create({ table, pause, run, now: () => clock.nowMs }),
      processes,
      report,
      weather: () => (isCalm ? { ...weather, repetition: 0 } : weather),
    });
  const consumers = [
    consumer('project', isNewInteraction, createProject),
    consumer('decide', isHeadOrNode, createDecide),
  ];

  const sweeper = createSweeper({
    clock: () => clock.nowMs,
    done: (startedMs) => {
      run.sweptUntilMs = startedMs;
    },
    log,
    processes,
    report,
  });

  // The clock was running before anybody came: a first sweep looks back over some weeks only.
  sweeper.start();
  for (await settled(); sweeper.isRunning(); ) await scheduler.give(0);
  isCalm = false;

  const left = [...steps];
  let isOver = false;
  let acting = 0;
  const act = (step: Step) => {
    acting++;
    clock.nowMs += step.afterMs;
    run.begun.push(step);
    void take({ clock, processes, run }, step)
      .catch(report)
      .finally(() => acting--);
  };

  for (; run.turns < mostTurns; run.turns++) {
    for (const one of consumers) one.hear(backend.changes);
    const waiting = scheduler.waiting();
    const ready = consumers.filter((one) => one.isReady());
    // A function lives for less than the time that a sweep looks back, however the clock jumps here.
    const maySweep = !sweeper.isRunning() && consumers.every((one) => !one.isRunning());
    if (!isCalm && left.length === 0 && acting === 0 && waiting === 0 && chance.happens(0.2)) {
      isCalm = true;
      for (const one of consumers) one.recall(weather.repetition);
      continue;
    }
    const choice = chance.weighed({
      step: left.length > 0 && acting < weather.mostActors ? 1 : 0,
      turn: waiting > 0 ? 8 : 0,
      batch: ready.length > 0 ? (isCalm || left.length === 0 ? 1 : weather.readiness) : 0,
      late: processes.late.length > 0 ? (isCalm ? 1 : weather.belatedness) : 0,
      sweep: maySweep && !isCalm ? 0.02 : 0,
      end: isCalm && waiting + ready.length + processes.late.length + acting === 0 ? 1 : 0.000_001,
    });
    if (choice === 'turn') {
      clock.nowMs += chance.between(0, 20);
      await scheduler.give(chance.between(0, waiting - 1));
    } else if (choice === 'step') {
      const step = left.shift();
      if (step) act(step);
    } else if (choice === 'batch') {
      chance.pick(ready).start();
    } else if (choice === 'late') {
      await processes.late.splice(chance.between(0, processes.late.length - 1), 1)[0]?.();
    } else if (choice === 'sweep') {
      sweeper.start();
    } else if (isCalm && acting === 0 && waiting === 0 && maySweep && consumers.every((one) => one.isIdle())) {
      if (isOver) return run;
      isOver = true;
      clock.nowMs += chance.pick([0, 30 * hourMs]);
      sweeper.start();
    }
    if (choice !== 'turn') await settled();
  }
  run.surprises.push(`not quiet after ${mostTurns} turns`);
  return run;
}

/** What an instance of a function gets. */
interface Surroundings {
  table: Table;
  pause: Pause;
  run: Run;
  now: () => number;
}

/** One step, tried by its sender until it is answered; and perhaps sent again after that. */
async function take({ clock, processes, run }: World, step: Step): Promise<void> {
  const begunAtMs = clock.nowMs;
  const idOf = (number: number) => run.acknowledged.find((one) => one.step.number === number)?.ids[0];
  for (let [round, sent] = [0, 0]; sent <= step.repeats && round < mostTries + step.repeats; round++) {
    const process = newProcess(`step-${step.number}-${round}`);
    const pause = processes.pauseOf(() => newProcess(process.name));
    let made = 0;
    const trial = {
      table: processes.tableOf(() => process),
      pause: processes.pauseOf(() => process),
      begunAtMs,
      nowMs: clock.nowMs,
      newId: () => `made-${process.name}-${made++}`,
      idOf,
      mailOf: (number: number) => run.mails.get(number),
      sent: (mail: SentMail) => void run.mails.set(step.number, mail),
      round,
    };
    try {
      const answer = await perform(step, trial);
      if ('refused' in answer) return;
      if ('notYet' in answer) {
        for (let waited = 0; waited < 12; waited++) await pause(0);
        continue;
      }
      sent++;
      run.acknowledged.push({ step, ids: answer.ids });
    } catch (error) {
      if (!isExpected(error)) throw error;
    }
    await pause(0);
  }
}

function createProject({ now, pause, table }: Surroundings) {
  const timeline = createTimelineStore(table);
  return createProjectTimeline({
    customers: createCustomerStore(table),
    conversations: createConversationStore(table, timeline),
    timeline,
    identities: createIdentityStore(table, pause),
    due: createDueItemsStore(table, now),
    leafOf,
    log,
  });
}

function createDecide({ pause, run: { enqueued }, table }: Surroundings) {
  const timeline = createTimelineStore(table);
  return createDecideFollowUps({
    identities: createIdentityStore(table, pause),
    customers: createCustomerStore(table),
    conversations: createConversationStore(table, timeline),
    timeline,
    followUps: {
      enqueue: async (due) =>
        void enqueued.push(...due.flatMap(({ command }) => ('playbook' in command ? [command] : []))),
    },
    log,
  });
}

/** As the mapping of `project-timeline` filters. */
function isNewInteraction({ newImage, oldImage }: ImageChange): boolean {
  return newImage !== undefined && oldImage === undefined && /^[EB]#/.test(newImage.sk?.S ?? '');
}

/** As the mapping of `decide-follow-ups` filters. */
function isHeadOrNode({ newImage }: ImageChange): boolean {
  return /^~(h$|i)/.test(newImage?.sk?.S ?? '');
}

const expectedNames = new Set([
  'ProcessEnded',
  'TimeoutError',
  'ProvisionedThroughputExceededException',
  'TransactionCanceledException',
]);
const expectedTexts = /^(an insert failed with ThrottlingError|.* all the time|a leaf points to a root)/;

/** Whether an error says no more than that something could not be done now. */
function isExpected(error: unknown): boolean {
  return error instanceof Error && (expectedNames.has(error.name) || expectedTexts.test(error.message));
}

function describe(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}\n${error.stack}` : String(error);
}

function noop(): void {}
