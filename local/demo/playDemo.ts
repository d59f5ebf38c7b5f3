import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createFrontDoors } from './frontDoors.ts';
import { createPlayers, type PlayersStage } from './players.ts';
import { readTold, type Told } from './readTold.ts';
import { story, storyMinutes } from './story.ts';

const minuteMs = 60_000;

/** What the demo needs of the running platform: its front doors and its clock. */
export interface DemoStage extends PlayersStage {
  url: string;
  dataDir: string;
}

interface DemoRecord {
  beganAtMs: number;
  done: boolean;
  told?: Told;
}

/**
 * Plays the story through the front doors with the clock set back by an hour and moved forward step by step; once per
 * data directory. Message ids and times depend only on the recorded beginning, so that a start that was interrupted
 * continues the story without telling anything twice. Answers what of the story can be read on the timelines.
 */
export async function playDemo(stage: DemoStage): Promise<Told> {
  const recordPath = join(stage.dataDir, 'demo.json');
  const record: DemoRecord = existsSync(recordPath)
    ? (JSON.parse(readFileSync(recordPath, 'utf8')) as DemoRecord)
    : { beganAtMs: realNowMs() - storyMinutes * minuteMs, done: false };
  if (record.done) return record.told ?? {};
  writeFileSync(recordPath, JSON.stringify(record));

  const doors = createFrontDoors(stage.url, stage.keys);
  const perform = createPlayers(stage, doors);
  const open = doors.open();
  for (const [index, step] of story.entries()) {
    const atMs = record.beganAtMs + step.minute * minuteMs;
    stage.clock.advance(atMs - stage.clock.now());
    await perform(step, `demo-${record.beganAtMs}-${index}`, atMs);
  }
  await open;
  await stage.drain();
  stage.clock.advance(realNowMs() - stage.clock.now());
  await stage.drain();
  const told = await readTold(doors);
  writeFileSync(recordPath, JSON.stringify({ ...record, done: true, told } satisfies DemoRecord));
  return told;
}

/** The real time, also where `Date` follows the test clock and a former start was interrupted in the past. */
function realNowMs(): number {
  return Math.floor(performance.timeOrigin + performance.now());
}
