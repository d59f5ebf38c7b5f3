import { IdempotencyConfig, makeIdempotent } from '@aws-lambda-powertools/idempotency';
import { DynamoDBPersistenceLayer } from '@aws-lambda-powertools/idempotency/dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventStore, EventType } from '@castore/core';
import { DynamoDBSingleTableEventStorageAdapter } from '@castore/event-storage-adapter-dynamodb';
import type { Context } from 'aws-lambda';
import { createTable as declareTable } from '../local/engine/createTable.ts';
import { startEngine } from '../local/engine/startEngine.ts';
import { createTable } from '../shared/platform/table.ts';
import { toInteractionItem } from '../shared/timeline/interactionItem.ts';
import { type IncomingInteraction, placeInteraction } from '../shared/timeline/placeInteraction.ts';
import { createTimelineStore } from '../shared/timeline/timelineStore.ts';
import { mondayMs } from '../tests/support/leafInteractions.ts';
import { createMeteredClient, type Meter } from '../tests/support/meteredTable.ts';
import { unitsOn } from './onTable.ts';
import { percentile } from './percentile.ts';
import { eventOf } from './practice.ts';
import type { Row } from './row.ts';

/** Appends of each peer that are timed, in turns. */
const rounds = 200;
/** Events of the aggregate that castore reads before it appends to it. */
const aggregateEvents = 200;

/** One interaction of 1 KB kept once, by us and by packages that do as much, on one engine in one run. */
export async function peerRows(): Promise<Row[]> {
  const engine = await startEngine();
  const { client, ...meter } = createMeteredClient(engine);
  try {
    await declareTables(client);
    const ours = createOurs(client);
    const castore = createCastore(client);
    const powertools = createPowertools(client);
    let next = 0;
    const used = async (name: string, append: (index: number) => Promise<unknown>, promise?: number) => {
      const { write, read } = await unitsOn(meter, () => append(next++));
      const rows: Row[] = [{ name, value: write, unit: 'write units', ...(promise === undefined ? {} : { promise }) }];
      return read > 0 ? [...rows, { name, value: read, unit: 'read units' }] : rows;
    };
    const units = [
      ...(await used(names.ours, ours, 1)),
      ...(await used(`${names.castore}, a customer's first`, (index) => castore.push(`first-${index}`, 1, index))),
      ...(await used(names.castore, (index) => castore.push('known', 2, index))),
      ...(await used(`${names.castore}, after reading ${aggregateEvents} events`, await castore.readFirst())),
      ...(await used(names.powertools, powertools)),
    ];
    return [
      ...units,
      ...(await timeRows(meter, { ours, castore: (index) => castore.push('timed', index, index), powertools })),
    ];
  } finally {
    client.destroy();
    await engine.stop();
  }
}

const names = {
  ours: 'peers: ours, 1 KB appended',
  castore: 'peers: castore, 1 KB appended',
  powertools: 'peers: Powertools idempotency, 1 KB put once',
};

type Peer = keyof typeof names;
type Append = (index: number) => Promise<unknown>;

/** Medians, and our time as a multiple of each peer's: of pairs that ran one right after the other. */
async function timeRows(meter: Meter, appends: Record<Peer, Append>): Promise<Row[]> {
  const peers = Object.keys(names) as Peer[];
  const took: Record<Peer, number[]> = { ours: [], castore: [], powertools: [] };
  // The first tenth only compiles code.
  for (let round = -rounds / 10; round < rounds; round++) {
    for (const peer of peers) {
      const startedMs = performance.now();
      await appends[peer](1_000_000 + round);
      if (round >= 0) took[peer].push(performance.now() - startedMs);
    }
    meter.reset();
  }
  const beside = (peer: Peer) =>
    took.ours.map((milliseconds, round) => milliseconds / (took[peer][round] ?? Number.NaN));
  return [
    ...peers.map((peer) => ({ name: `${names[peer]}, p50`, value: rounded(percentile(took[peer], 50)), unit: 'ms' })),
    { name: 'peers: ours beside castore', value: rounded(percentile(beside('castore'), 50)), unit: 'times its time' },
    {
      name: 'peers: ours beside Powertools idempotency',
      value: rounded(percentile(beside('powertools'), 50)),
      unit: 'times its time',
    },
  ];
}

/** The same interaction for everybody: as JSON it has 1,024 characters. */
function interactionOf(index: number): IncomingInteraction & { messageId: string } {
  const messageId = `message-${index}`;
  const interaction = {
    type: 'event.tracked',
    channel: 'web' as const,
    direction: 'inbound' as const,
    source: 'website',
    touchpoint: '/appointments',
    trust: 'asserted' as const,
    identifiers: [{ type: 'userId' as const, value: 'customer', trust: 'asserted' as const }],
    home: 'peers'.padEnd(22, '-'),
    messageId,
    clientTimeMs: mondayMs + index,
  };
  const others = JSON.stringify({ ...interaction, properties: null }).length - 'null'.length;
  return { ...interaction, properties: eventOf(1024 - others, 'customer', messageId) };
}

const placementOf = (index: number) =>
  placeInteraction(interactionOf(index), { newId: () => 'never asked', receivedAtMs: mondayMs + index });

function createOurs(client: DynamoDBClient): Append {
  const timeline = createTimelineStore(createTable(client, 'ours'));
  return (index) => timeline.append(placementOf(index));
}

/** As its documentation shows it: an event store on the adapter of one table. */
function createCastore(client: DynamoDBClient) {
  const store = new EventStore({
    eventStoreId: 'customers',
    eventTypes: [new EventType<'recorded', IncomingInteraction>({ type: 'recorded' })],
    reducer: (_: { aggregateId: string; version: number }, { aggregateId, version }) => ({ aggregateId, version }),
    eventStorageAdapter: new DynamoDBSingleTableEventStorageAdapter({ tableName: 'castore', dynamoDBClient: client }),
  });
  const push = (aggregateId: string, version: number, index: number) =>
    store.pushEvent({ aggregateId, version, type: 'recorded', payload: interactionOf(index) });
  return {
    push,
    /** Who does not know the version reads the aggregate first; here it exists. */
    async readFirst(): Promise<Append> {
      for (let version = 1; version <= aggregateEvents; version++) await push('long', version, version);
      return async (index) => {
        const { aggregate } = await store.getAggregate('long');
        await push('long', (aggregate?.version ?? 0) + 1, index);
      };
    },
  };
}

/** A record of the message before and after the put of the same item, which needs no condition then. */
function createPowertools(client: DynamoDBClient): Append {
  const table = createTable(client, 'effects');
  const config = new IdempotencyConfig({ eventKeyJmesPath: 'messageId' });
  // It asks how long the invocation may last, to know when to give a record up.
  config.registerLambdaContext({ getRemainingTimeInMillis: () => 30_000 } as Context);
  const keep = makeIdempotent(
    async (_: { messageId: string }, index: number) => {
      const { key, interaction } = placementOf(index);
      await table.put(toInteractionItem(key, interaction));
    },
    { persistenceStore: new DynamoDBPersistenceLayer({ tableName: 'idempotency', awsSdkV3Client: client }), config },
  );
  return (index) => keep({ messageId: interactionOf(index).messageId }, index);
}

/** Each peer's table as its documentation asks for it. */
async function declareTables(client: DynamoDBClient): Promise<void> {
  const declare = (tableName: string, key: [string, 'S' | 'N'][], index?: { name: string; key: [string, 'S'][] }) => {
    const schema = (of: [string, 'S' | 'N'][]) =>
      of.map(([AttributeName], place) => ({
        AttributeName,
        KeyType: place === 0 ? ('HASH' as const) : ('RANGE' as const),
      }));
    return declareTable(client, {
      tableName,
      input: {
        AttributeDefinitions: [...key, ...(index?.key ?? [])].map(([AttributeName, AttributeType]) => ({
          AttributeName,
          AttributeType,
        })),
        KeySchema: schema(key),
        ...(index === undefined
          ? {}
          : {
              GlobalSecondaryIndexes: [
                { IndexName: index.name, KeySchema: schema(index.key), Projection: { ProjectionType: 'KEYS_ONLY' } },
              ],
            }),
        BillingMode: 'PAY_PER_REQUEST',
      },
    });
  };
  await declare('ours', [
    ['pk', 'S'],
    ['sk', 'S'],
  ]);
  await declare('effects', [
    ['pk', 'S'],
    ['sk', 'S'],
  ]);
  await declare('idempotency', [['id', 'S']]);
  await declare(
    'castore',
    [
      ['aggregateId', 'S'],
      ['version', 'N'],
    ],
    {
      name: 'initialEvents',
      key: [
        ['eventStoreId', 'S'],
        ['timestamp', 'S'],
      ],
    },
  );
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}
