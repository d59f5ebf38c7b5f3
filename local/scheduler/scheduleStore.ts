import { readFileSync } from 'node:fs';
import { createFileSaver } from '../events/fileSaver.ts';
import { asList, asRecord, parseJson } from '../events/json.ts';
import type { LocalLog } from '../ports.ts';

/** A schedule as it is kept; times are milliseconds since the epoch. */
export interface StoredSchedule {
  group: string;
  name: string;
  /** Who made it: the API, or the template with the logical id of the schedule or of the rule. */
  origin: 'api' | `schedule:${string}` | `rule:${string}`;
  /** The API's own shape: ScheduleExpression, Target, StartDate in seconds and so on. */
  definition: Record<string, unknown>;
  createdAt: number;
  modifiedAt: number;
  /** When it runs next; null when it is over or disabled. */
  dueAt: number | null;
}

export interface ScheduleStore {
  get(group: string, name: string): StoredSchedule | undefined;
  /** By group, then name. */
  all(): StoredSchedule[];
  put(schedule: StoredSchedule): void;
  remove(schedule: StoredSchedule): void;
  /** Resolves when all changes so far survive a crash. */
  flush(): Promise<void>;
}

export function openScheduleStore(path: string, log: LocalLog): ScheduleStore {
  const schedules = new Map(readSchedules(path).map((schedule) => [keyOf(schedule.group, schedule.name), schedule]));
  const saver = createFileSaver(path, () => JSON.stringify([...schedules.values()], null, 1), log);
  return {
    get: (group, name) => schedules.get(keyOf(group, name)),
    all: () => [...schedules].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, schedule]) => schedule),
    put: (schedule) => {
      schedules.set(keyOf(schedule.group, schedule.name), schedule);
      saver.save();
    },
    remove: ({ group, name }) => {
      schedules.delete(keyOf(group, name));
      saver.save();
    },
    flush: () => saver.flush(),
  };
}

function keyOf(group: string, name: string): string {
  return `${group}/${name}`;
}

function readSchedules(path: string): StoredSchedule[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return [];
  }
  return asList(parseJson(text)).map((entry) => {
    const { group, name, origin, definition, createdAt, modifiedAt, dueAt } = asRecord(entry);
    return {
      group: String(group),
      name: String(name),
      origin: origin as StoredSchedule['origin'],
      definition: asRecord(definition),
      createdAt: Number(createdAt),
      modifiedAt: Number(modifiedAt),
      dueAt: typeof dueAt === 'number' ? dueAt : null,
    };
  });
}
