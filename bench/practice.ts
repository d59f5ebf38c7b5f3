import { setTimeout as pause } from 'node:timers/promises';
import type { Platform } from '../local/platform.ts';

/** What the benchmarks do to a running platform: requests as its callers send them. */
export interface Practice {
  /** Posts Segment events with the server's key; rejects unless they were accepted. */
  send(call: 'track' | 'identify' | 'batch', body: unknown): Promise<void>;
  get(path: string): Promise<unknown>;
}

export interface MeteredPractice extends Practice {
  /** Units that one function used while something ran and everything was projected. */
  unitsOf(functionName: string, run: () => Promise<unknown>): Promise<{ read: number; write: number; calls: number }>;
}

/** The front doors of a platform that listens at `url`. */
export function createPractice({ url, keys }: Pick<Platform, 'url' | 'keys'>): Practice {
  const { serverWriteKey = '', agentApiKey = '' } = keys;
  const basic = `Basic ${Buffer.from(`${serverWriteKey}:`).toString('base64')}`;
  return {
    async send(call, body) {
      const response = await fetch(`${url}/v1/${call}`, {
        method: 'POST',
        headers: { authorization: basic, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      if (response.status !== 200) throw new Error(`/v1/${call} was answered ${response.status}: ${text}`);
    },
    async get(path) {
      const response = await fetch(url + path, { headers: { authorization: `Bearer ${agentApiKey}` } });
      if (!response.ok) throw new Error(`${path} was answered ${response.status}`);
      return response.json();
    },
  };
}

/** The same where the platform runs in this process: its meters tell what one function used. */
export function createMeteredPractice(platform: Platform): MeteredPractice {
  const used = (functionName: string) =>
    platform
      .metrics()
      .filter((operation) => operation.function === functionName)
      .reduce(
        (sum, { calls, readUnits, writeUnits }) => ({
          calls: sum.calls + calls,
          read: sum.read + readUnits,
          write: sum.write + writeUnits,
        }),
        { calls: 0, read: 0, write: 0 },
      );
  return {
    ...createPractice(platform),
    async unitsOf(functionName, run) {
      await platform.drain();
      const before = used(functionName);
      await run();
      await platform.drain();
      // The meter counts an answer when it has passed on its last byte.
      await pause(50);
      const after = used(functionName);
      return { calls: after.calls - before.calls, read: after.read - before.read, write: after.write - before.write };
    },
  };
}

/** A track event whose JSON has exactly `bytes` characters. */
export function eventOf(bytes: number, userId: string, messageId: string): Record<string, unknown> {
  const event = {
    type: 'track',
    userId,
    event: 'Appointment Booked',
    messageId,
    timestamp: new Date().toISOString(),
    context: {
      library: { name: 'bench', version: '1' },
      page: { path: '/appointments', title: 'Appointments', url: 'https://lindenhof-vets.example/appointments' },
      locale: 'de-DE',
    },
    properties: { animal: 'Minka', reason: 'vaccination', note: '' },
  };
  const words = 'the cat sneezes since Tuesday but eats and drinks as always, weight four kilograms and a half ';
  const missing = bytes - JSON.stringify(event).length;
  event.properties.note = words.repeat(Math.ceil(Math.max(0, missing) / words.length)).slice(0, Math.max(0, missing));
  return event;
}
