import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** A request as it is sent again and again. */
export interface Call {
  method: 'GET' | 'POST';
  path: string;
  headers: Record<string, string>;
  body?: string;
}

/** What became of the requests of one load. */
export interface Driven {
  /** From the first byte sent to the last byte received, of each request that was answered 200. */
  milliseconds: number[];
  /** Requests that were answered otherwise, or not at all. */
  failed: number;
  /** Answered 200, per second of the load. */
  perSecond: number;
}

/** An answer is given up after this: longer than the platform lets a request wait. */
const patienceMs = 30_000;

/** So many callers, each on a connection of its own, ask again as soon as they are answered. */
export async function driveCallers(
  url: string,
  { connections, durationMs }: { connections: number; durationMs: number },
  call: (connection: number, index: number) => Call,
): Promise<Driven> {
  const client = createClient(url, connections);
  const startedMs = performance.now();
  await Promise.all(
    Array.from({ length: connections }, async (_, connection) => {
      for (let index = 0; performance.now() - startedMs < durationMs; index++)
        await client.send(call(connection, index));
    }),
  );
  return client.end(startedMs);
}

/** So many requests a second, whether or not the earlier ones have been answered. */
export async function driveRate(
  url: string,
  { perSecond, durationMs }: { perSecond: number; durationMs: number },
  call: (index: number) => Call,
): Promise<Driven> {
  const client = createClient(url, Number.POSITIVE_INFINITY);
  const startedMs = performance.now();
  const under: Promise<void>[] = [];
  const planned = Math.round((perSecond * durationMs) / 1000);
  for (let index = 0; index < planned; index++) {
    const waitMs = startedMs + (index * 1000) / perSecond - performance.now();
    if (waitMs > 1) await pause(waitMs);
    under.push(client.send(call(index)));
  }
  await Promise.all(under);
  return client.end(startedMs);
}

/** Node's own client, which takes less of the processor than `fetch` does: caller and platform share the machine. */
function createClient(url: string, connections: number) {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const milliseconds: number[] = [];
  let failed = 0;
  const ask = ({ method, path, headers, body }: Call) =>
    new Promise<number | undefined>((resolve, reject) => {
      const asked = request(new URL(path, url), { agent, method, headers, timeout: patienceMs }, (response) => {
        response.on('error', reject).on('end', () => resolve(response.statusCode));
        response.resume();
      });
      asked.on('error', reject).on('timeout', () => asked.destroy(new Error('not answered in time')));
      asked.end(body);
    });
  return {
    send: async (call: Call) => {
      const startedMs = performance.now();
      const status = await ask(call).catch(() => undefined);
      if (status === 200) milliseconds.push(performance.now() - startedMs);
      else failed += 1;
    },
    end: (startedMs: number): Driven => {
      agent.destroy();
      const perSecond = milliseconds.length / ((performance.now() - startedMs) / 1000);
      return { milliseconds, failed, perSecond };
    },
  };
}
