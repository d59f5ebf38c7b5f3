import { mkdirSync, mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findEngineBinary } from './findEngineBinary.ts';
import { openStreamStore, type StreamStore } from './openStreamStore.ts';
import { spawnTethered, type TetheredChild } from './spawnTethered.ts';

export interface Engine {
  /** The DynamoDB and DynamoDB Streams endpoint, `http://127.0.0.1:port`. */
  endpoint: string;
  /** What the wire protocol does not offer; absent where the endpoint is not our own child. */
  streams?: StreamStore;
  /** Resolves if the engine ends by itself. Never rejects. */
  ended: Promise<void>;
  stop(): Promise<void>;
}

const attempts = 5;

/**
 * Starts the DynamoDB engine as a child that ends with this process, however that ends.
 * `rubbish` is a directory that is deleted after the engine's end. Without `dbPath` the data lies in a temporary directory that is removed with the engine.
 * Where AWS_ENDPOINT_URL_DYNAMODB is set, that endpoint is used and nothing is started.
 */
export async function startEngine(
  options: { dbPath?: string; rubbish?: string; env?: Record<string, string | undefined> } = {},
): Promise<Engine> {
  const given = (options.env ?? process.env).AWS_ENDPOINT_URL_DYNAMODB;
  if (given) return { endpoint: given, ended: new Promise(() => undefined), stop: async () => undefined };
  const binary = findEngineBinary();
  const temporary = options.dbPath ? undefined : mkdtempSync(join(tmpdir(), 'throughline-engine-'));
  const dbPath = options.dbPath ?? join(temporary ?? '', 'engine.db');
  const { child, port } = await listening(binary, dbPath, temporary ?? options.rubbish);
  const streams = openStreamStore(dbPath);
  return {
    endpoint: `http://127.0.0.1:${port}`,
    streams,
    ended: child.ended,
    stop: async () => {
      streams.close();
      await child.stop();
    },
  };
}

async function listening(
  binary: string,
  dbPath: string,
  rubbish?: string,
): Promise<{ child: TetheredChild; port: number }> {
  let lastWords = '';
  for (let attempt = 0; attempt < attempts; attempt++) {
    mkdirSync(dirname(dbPath), { recursive: true });
    const port = await freePort();
    const child = spawnTethered(
      binary,
      ['serve', '--host', '127.0.0.1', '--port', String(port), '--db-path', dbPath],
      rubbish,
    );
    // Only its own line tells that it, and not somebody who took the port first, is listening.
    const ready = new Promise<boolean>((resolve) => {
      child.onLine((line) => {
        lastWords = line || lastWords;
        if (line.includes('listening on')) resolve(true);
      });
      child.ended.then(() => resolve(false)).catch(() => resolve(false));
    });
    if (await ready) return { child, port };
    await child.stop();
  }
  throw new Error(`The embedded DynamoDB engine did not start: ${lastWords}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      probe.close(() => resolve(port));
    });
  });
}
