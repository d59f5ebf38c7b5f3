import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { startPlatform } from '../../local/platform.ts';
import { leavesWithAnotherHead, notOnce } from '../support/aftermath.ts';
import { waitFor } from '../support/platform.ts';
import { type PlatformProcess, startPlatformProcess } from '../support/platformProcess.ts';
import { engineOf } from '../support/processes.ts';
import { storedInteractions } from '../support/storedInteractions.ts';

const senders = 6;

test('if the engine is killed under load, requests are refused until the platform says so and ends; nothing acknowledged is lost', {
  timeout: 180_000,
}, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-test-'));
  onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
  const running = await startPlatformProcess(dataDir);
  onTestFinished(() => running.kill('SIGKILL'));
  const acknowledged: string[] = [];
  const statuses = new Set<number | undefined>();
  let sent = 0;
  let over = false;
  const work = async () => {
    while (!over) {
      const event = `tracked${String(100_000 + sent++)}`;
      const status = await track(running, event);
      statuses.add(status);
      if (status === 200) acknowledged.push(event);
      if (status === undefined) await pause(50);
    }
  };
  const sending = Promise.all(Array.from({ length: senders }, work));
  await waitFor(() => acknowledged.length >= 30, 60_000);
  process.kill(engineOf(dataDir).pid, 'SIGKILL');
  expect(await running.ended).toBe(1);
  over = true;
  await sending;
  expect(running.errors()).toContain(
    'The embedded DynamoDB engine ended by itself. What was acknowledged is kept: start again.\n',
  );
  expect([...statuses].filter((status = 503) => status !== 200 && status < 500)).toEqual([]);

  const platform = await startPlatform({ port: 0, dataDir, log: () => undefined });
  onTestFinished(() => platform.stop());
  await platform.drain(60_000);
  const stored = await storedInteractions(platform);
  const expected = acknowledged.map((word) => ({ type: 'event.tracked', word }));
  expect(notOnce(stored, expected)).toEqual([]);
  expect(await leavesWithAnotherHead(platform, stored)).toEqual([]);
});

/** The status of the answer; undefined where there is none any more. */
async function track({ api, keys }: PlatformProcess, event: string): Promise<number | undefined> {
  try {
    const headers = { authorization: `Basic ${btoa(`${keys.serverWriteKey}:`)}` };
    const body = JSON.stringify({ userId: `user-${event.at(-1)}`, event, messageId: event });
    const response = await fetch(`${api}/v1/track`, { method: 'POST', headers, body });
    await response.arrayBuffer();
    return response.status;
  } catch {
    return undefined;
  }
}
