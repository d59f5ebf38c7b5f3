import { randomUUID } from 'node:crypto';
import { DynamoDBStreamsClient, type Shard } from '@aws-sdk/client-dynamodb-streams';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DeployedResource, FunctionRuntime, LocalLog, ServiceEndpoints, Stoppable, TestClock } from '../ports.ts';
import { clientSettings, parseArn, tableOfStreamArn } from './awsNames.ts';
import { openCheckpoints } from './checkpoints.ts';
import { compileFilterCriteria } from './filterCriteria.ts';
import { type Backoff, backoffMs, messageOf, settleWithin, startLifetime } from './lifetime.ts';
import { onFailureRecord } from './onFailure.ts';
import { sendToQueue } from './queues.ts';
import { consumeShard, type ShardConsumer } from './shardConsumer.ts';
import { openShard } from './shardReader.ts';
import { type Discard, deliverBatch } from './streamBatch.ts';
import { changesNothing, type StreamRecord, toStreamRecord } from './streamRecords.ts';
import { readStreamSettings } from './streamSettings.ts';
import { lastSequenceNumber, listShards, newestStream } from './streamTopology.ts';

export interface StreamMappingOptions {
  /** The AWS::Lambda::EventSourceMapping. */
  mapping: DeployedResource;
  /** The function that it feeds. */
  target: DeployedResource;
  functions: FunctionRuntime;
  clock: TestClock;
  endpoints: Pick<ServiceEndpoints, 'dynamodb'>;
  sqs: SQSClient;
  /** The file that holds how far each shard was consumed. */
  checkpointPath: string;
  log: LocalLog;
  /** Between tries of a failed batch. */
  backoff?: Backoff;
}

export interface StreamMapping extends Stoppable {
  /** For people. */
  name: string;
  tableName: string;
  /** Looks for records now: whoever knows of a write calls this. */
  wake(): void;
  /** Resolves when all that was in the stream at the call is consumed. */
  settled(): Promise<void>;
  /** Everything up to this sequence number is consumed and will not be read again, also after a crash. */
  consumedUpTo(): string | undefined;
}

const shardEnd = 'SHARD_END';
const shardStart = 'TRIM_HORIZON';

/**
 * Feeds a function from a table's stream as Lambda does: in order per item, at least once. A position is saved
 * only after success or after the record was handed to the on-failure queue, so a restart goes on where it was.
 */
export function startStreamMapping(options: StreamMappingOptions): StreamMapping {
  const { mapping, target, functions, sqs, clock } = options;
  const settings = readStreamSettings(mapping.properties);
  const eventSourceArn = String(mapping.properties.EventSourceArn);
  const tableName = tableOfStreamArn(eventSourceArn);
  const passes = compileFilterCriteria(mapping.properties.FilterCriteria);
  const backoff = options.backoff ?? { firstMs: 100, mostMs: 10_000 };
  const lifetime = startLifetime();
  const name = `Stream of ${tableName} to ${target.logicalId}`;
  const log = (line: string) => options.log(`${name}: ${line}`);
  const client = new DynamoDBStreamsClient(clientSettings(options.endpoints.dynamodb));
  const checkpoints = openCheckpoints(options.checkpointPath, options.log);
  const consumers = new Map<string, ShardConsumer>();
  let streamArn = '';
  let opened = false;

  const keyOf = (shardId: string) => `${streamArn}/${shardId}`;

  /** A mapping that begins with the latest record must know later where that was, also if nothing came before a crash. */
  async function rememberBeginning(shards: readonly Shard[]): Promise<void> {
    if (checkpoints.keys().some((key) => key.startsWith(`${streamArn}/`))) return;
    for (const { ShardId = '' } of shards) {
      const last =
        settings.startingPosition === 'LATEST'
          ? await lastSequenceNumber(client, streamArn, ShardId, lifetime.signal)
          : undefined;
      checkpoints.set(keyOf(ShardId), last ?? shardStart);
    }
    await checkpoints.flush();
  }

  /** Consumes every shard whose parent is finished; called again whenever one ends. */
  async function consumeOpenShards(): Promise<void> {
    const shards = await listShards(client, streamArn, lifetime.signal);
    await rememberBeginning(shards);
    const present = new Set(shards.map((shard) => shard.ShardId));
    for (const { ShardId: shardId = '', ParentShardId: parent } of shards) {
      const position = checkpoints.get(keyOf(shardId));
      const parentOpen = parent && present.has(parent) && checkpoints.get(keyOf(parent)) !== shardEnd;
      if (consumers.has(shardId) || position === shardEnd || parentOpen) continue;
      const consumer = openConsumer(shardId, position === shardStart ? undefined : position);
      consumers.set(shardId, consumer);
      consumer.finished
        .then(() => endOfShard(shardId))
        .catch((error: unknown) => log(`shard ${shardId} stopped: ${messageOf(error)}`));
    }
    opened = true;
  }

  async function endOfShard(shardId: string): Promise<void> {
    if (lifetime.ended) return;
    consumers.delete(shardId);
    checkpoints.set(keyOf(shardId), shardEnd);
    await untilDone('looking for shards', consumeOpenShards);
  }

  function openConsumer(shardId: string, after: string | undefined): ShardConsumer {
    return consumeShard({
      reader: openShard(client, streamArn, shardId, after),
      lifetime,
      log,
      batchSize: settings.batchSize,
      windowMs: settings.windowMs,
      lanes: settings.parallelizationFactor,
      toRecord: (record) => toStreamRecord(record, shardId, eventSourceArn),
      passes: (record) => !changesNothing(record) && passes(record),
      itemOf: (record) => JSON.stringify(Object.entries(record.dynamodb.Keys).toSorted(byName)),
      deliver: (batch, done) =>
        deliverBatch(batch, {
          settings,
          backoff,
          lifetime,
          invoke: (records) => invoke(records),
          done,
          discard: (discard) => handOver(discard, shardId),
          // The engine stamps records by the machine's own clock, which time travel does not move.
          recordClock: () => performance.timeOrigin + performance.now(),
        }),
      advance: (sequenceNumber) => checkpoints.set(keyOf(shardId), sequenceNumber),
    });
  }

  async function invoke(records: readonly StreamRecord[]) {
    const result = await functions.invoke(target.logicalId, { Records: records });
    if (!result.ok && !result.throttled) log(`${result.errorType}: ${result.errorMessage}`);
    return result;
  }

  async function handOver(discard: Discard, shardId: string): Promise<void> {
    const { SequenceNumber: first } = discard.records[0]?.dynamodb ?? {};
    log(`gave up ${discard.records.length} records from ${first} on (${discard.condition})`);
    const { onFailureArn } = settings;
    if (onFailureArn === undefined) return;
    if (parseArn(onFailureArn).service !== 'sqs') return log(`${onFailureArn}: only queues are served as destinations`);
    const origin = {
      requestId: randomUUID(),
      functionArn: target.attributes.Arn ?? target.physicalId,
      shardId,
      streamArn: eventSourceArn,
      timestamp: new Date(clock.now()).toISOString(),
    };
    const body = JSON.stringify(onFailureRecord(discard, origin));
    await untilDone(`sending to ${onFailureArn}`, () => sendToQueue(sqs, onFailureArn, { body }));
  }

  /** Repeats `work` until it succeeds or the mapping stops; says what fails once. */
  async function untilDone(what: string, work: () => Promise<void>): Promise<void> {
    for (let failures = 1; !lifetime.ended; failures++) {
      try {
        return await work();
      } catch (error) {
        if (failures === 1 && !lifetime.ended) log(`${what} failed, trying again: ${messageOf(error)}`);
        await lifetime.wait(backoffMs({ firstMs: 50, mostMs: 5_000 }, failures));
      }
    }
  }

  const opening = untilDone('opening the stream', async () => {
    streamArn = await newestStream(client, tableName, lifetime.signal);
    await consumeOpenShards();
  });

  return {
    name,
    tableName,
    wake: () => {
      for (const consumer of consumers.values()) consumer.wake();
    },
    settled: async () => {
      if (!opened) await opening;
      await Promise.all([...consumers.values()].map((consumer) => consumer.settled()));
    },
    consumedUpTo: () => lowestPosition([...consumers.keys()].map((shardId) => checkpoints.saved(keyOf(shardId)))),
    stop: async () => {
      lifetime.end();
      await opening;
      // A running invocation may still succeed, and then its position is worth saving.
      await settleWithin(Promise.all([...consumers.values()].map((consumer) => consumer.finished)), 5_000);
      await checkpoints.flush();
      client.destroy();
    },
  };
}

/** The engine writes the attributes of a key in any order. */
function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

function lowestPosition(positions: readonly (string | undefined)[]): string | undefined {
  let lowest: string | undefined;
  for (const position of positions) {
    if (position === undefined || position === shardStart) return undefined;
    if (lowest === undefined || BigInt(position) < BigInt(lowest)) lowest = position;
  }
  return lowest;
}
