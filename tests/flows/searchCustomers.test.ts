import { beforeAll, describe, expect, it } from 'vitest';
import { projectLeaf, refoldLeaf } from '../../shared/customer/projectLeaf.ts';
import { createSearchStore } from '../../shared/search/searchStore.ts';
import { placeInteraction } from '../../shared/timeline/placeInteraction.ts';
import { createTimelineTable, startTestEngine } from '../support/engine.ts';
import { interaction, testLeaf } from '../support/leafInteractions.ts';
import { createMeteredTable } from '../support/meteredTable.ts';
import { type Answer, keys, type PracticeApi, startPracticeApi } from '../support/practiceApi.ts';
import { createProjection, failingTable } from '../support/projection.ts';

let api: PracticeApi;
const byKey = (key: string) => ({ authorization: `Bearer ${key}` });
const get = (path: string, key = keys.reception) => api.call(`GET ${path}`, { headers: byKey(key) });
const search = (query: string) => get(`/customers?query=${encodeURIComponent(query)}`);
const lookup = async (number: string) => (await get(`/lookup?number=${encodeURIComponent(number)}`, keys.lookup)).body;
const namesIn = ({ body }: Answer) => body.customers.map(({ name }: { name: string }) => name).sort();
const userLeaf = (value: string) => api.leafOf({ type: 'userId', value });

let statements = 0;
/** What a server of the practice says of a customer. */
async function identify(userId: string, name: string, phone?: string): Promise<void> {
  const atMs = Date.UTC(2026, 2, 2, 8) + ++statements * 1000;
  const incoming = {
    home: userLeaf(userId),
    messageId: `statement-${statements}`,
    clientTimeMs: atMs,
    type: 'customer.identified',
    channel: 'web' as const,
    direction: 'inbound' as const,
    source: 'practice-server',
    touchpoint: 'server',
    trust: 'asserted' as const,
    identifiers: [
      { type: 'userId' as const, value: userId, trust: 'asserted' as const },
      ...(phone ? [{ type: 'phone' as const, value: phone, trust: 'asserted' as const }] : []),
    ],
    properties: { traits: { name } },
  };
  await api.timeline.append(placeInteraction(incoming, { newId: () => 'none', receivedAtMs: atMs }));
  await api.project();
}

beforeAll(async () => {
  api = await startPracticeApi();
  await identify('cust-17', 'Lena Vogt', '+493023125117');
  await identify('cust-18', 'Jürgen Vogtländer', '+494023125117');
  await identify('cust-19', 'Jonas Reuter', '+491713920044');
});

describe('GET /customers?query=', () => {
  it.each([
    ['lena', ['Lena Vogt']],
    ['VOGT', ['Jürgen Vogtländer', 'Lena Vogt']],
    ['vogtland', ['Jürgen Vogtländer']],
    ['jurgen', ['Jürgen Vogtländer']],
    ['vog le', ['Lena Vogt']],
    ['Vogt, Lena', ['Lena Vogt']],
    ['Lena Reuter', []],
    ['ena', []],
    ['23125117', ['Jürgen Vogtländer', 'Lena Vogt']],
    ['030 23125-117', ['Lena Vogt']],
    ['+49 171 3920044', ['Jonas Reuter']],
    ['+49 (0)171 3920044', ['Jonas Reuter']],
    ['0049 171 3920044', ['Jonas Reuter']],
    ['3920045', []],
  ])('finds for %s: %j', async (query, names) => {
    const answer = await search(query);
    expect(answer.status).toBe(200);
    expect(namesIn(answer)).toEqual(names);
  });

  it('names each customer once, by the current id, however many of their identifiers match', async () => {
    expect((await search('3023125117')).body).toEqual({
      customers: [
        {
          customerId: userLeaf('cust-17'),
          name: 'Lena Vogt',
          identifiers: [
            { type: 'userId', value: 'cust-17', trust: 'asserted' },
            { type: 'phone', value: '+493023125117', trust: 'asserted' },
          ],
        },
      ],
    });
  });

  it('finds a customer by the new name only, once it has changed', async () => {
    await identify('cust-20', 'Tom Brandt');
    await identify('cust-20', 'Tom Ahrens');
    expect(namesIn(await search('brandt'))).toEqual([]);
    expect(namesIn(await search('ahrens'))).toEqual(['Tom Ahrens']);
  });

  it('costs one query and a read of the customer for each leaf that it leads to', async () => {
    api.table.reset();
    await search('lena vogt');
    expect(api.table.calls.map(({ command }) => command)).toEqual(['QueryCommand', 'QueryCommand']);
    expect(api.table.calls.reduce((sum, { readUnits = 0 }) => sum + readUnits, 0)).toBeLessThanOrEqual(1.5);
  });

  it.each([
    ['query=', 'query'],
    ['query=le', 'query'],
    ['query=125117', 'query'],
    [`query=${'x'.repeat(201)}`, 'query'],
    ['query=lena&identifier=userId:cust-17', 'query'],
  ])('answers 400 with the path of the fault for %s', async (query, path) => {
    const answer = await get(`/customers?${query}`);
    expect(answer.status).toBe(400);
    expect(answer.body.issues.map((issue: { path: string }) => issue.path)).toEqual([path]);
  });

  it('is for keys that read customers', async () => {
    expect((await get('/customers?query=lena', keys.writer)).status).toBe(403);
    expect((await get('/customers?query=lena', keys.lookup)).status).toBe(403);
    expect((await get('/customers?query=lena', 'guessed')).status).toBe(401);
  });

  it('leaves names and numbers neither in keys nor in the log', async () => {
    await search('Lena Vogt');
    expect(api.logged.join('\n')).not.toMatch(/lena|vogt|3125117/i);
  });
});

describe('GET /lookup with the last digits of a number', () => {
  it('tells who it is where one customer has such a number', async () => {
    expect(await lookup('3920044')).toMatchObject({ match: 'one', name: 'Jonas Reuter' });
  });

  it('names the candidates where several have, and never guesses', async () => {
    const answer = await lookup('23125117');
    expect(answer.match).toBe('many');
    expect(answer.candidates.map(({ name }: { name: string }) => name).sort()).toEqual([
      'Jürgen Vogtländer',
      'Lena Vogt',
    ]);
  });

  it.each(['920044', '3920045', '9'.repeat(400), '266696687', 'Minka 3920044'])(
    'matches nobody for %s',
    async (number) => {
      expect(await lookup(number)).toEqual({ match: 'none' });
    },
  );

  it('does not believe a visitor who typed in a number', async () => {
    await api.call('POST /widget/session', {
      headers: byKey(keys.website),
      body: { anonymousId: 'browser-of-mallory', claims: { name: 'Mallory', phone: '+491605550123' } },
    });
    await api.project();
    expect(await lookup('5550123')).toEqual({ match: 'none' });
    expect(namesIn(await search('5550123'))).toEqual(['Mallory']);
  });
});

describe('the index of names and numbers', () => {
  it('is complete before the head says so, wherever the projection ends', async () => {
    const engine = await startTestEngine();
    const pepper = Buffer.alloc(32, 1);
    const lena = interaction({
      messageId: 'name',
      type: 'customer.identified',
      properties: { traits: { name: 'Lena Vogt' } },
    });
    for (let failAt = 1; failAt <= 7; failAt++) {
      const tableName = `table-${failAt}`;
      await createTimelineTable(engine.endpoint, tableName);
      const table = createMeteredTable(engine, tableName);
      const whole = createProjection(table);
      await whole.store([lena]);
      const broken = failingTable(table, failAt);
      const half = createProjection(broken);
      const ending = projectLeaf({ ...half, search: createSearchStore(broken, pepper) }, testLeaf, [lena]);
      expect(await ending.catch(() => 'ended'), `at write ${failAt}`).toBe(failAt <= 6 ? 'ended' : 'folded');
      const search = createSearchStore(table, pepper);
      await projectLeaf({ ...whole, search }, testLeaf, [lena]);
      for (const term of ['name|lena', 'names|len|vog']) {
        expect((await search.find(term, 10)).leaves).toEqual([testLeaf]);
      }
    }
  });

  it('is written for a new name, not for what else happens, and again when the leaf is folded anew', async () => {
    const engine = await startTestEngine();
    await createTimelineTable(engine.endpoint, 'timeline');
    const table = createMeteredTable(engine, 'timeline');
    const projection = createProjection(table);
    const ports = { ...projection, search: createSearchStore(table, Buffer.alloc(32, 1)) };
    const named = (messageId: string, name: string) =>
      interaction({ messageId, type: 'customer.identified', properties: { traits: { name } } });
    const view = interaction({ messageId: 'view' });
    const [lena, maria] = [named('1', 'Lena Vogt'), named('2', 'Maria Vogt')];
    const writes = async (run: () => Promise<unknown>) => {
      table.reset();
      await run();
      return table.calls.reduce((sum, { writeUnits = 0 }) => sum + writeUnits, 0);
    };
    await projection.store([lena, maria, view]);
    // Five terms and the head.
    expect(await writes(() => projectLeaf(ports, testLeaf, [lena]))).toBe(6);
    expect(await writes(() => projectLeaf(ports, testLeaf, [view]))).toBe(1);
    // `mar`, `mari`, `maria` and the pair come, `len`, `lena` and the pair go at two units each.
    expect(await writes(() => projectLeaf(ports, testLeaf, [maria]))).toBe(11);
    expect(await writes(() => refoldLeaf(ports, testLeaf))).toBe(7);
  });
});
