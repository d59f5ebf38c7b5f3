import { expect, test } from 'vitest';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { createLoggedTimeline } from '../../shared/timeline/loggedTimeline.ts';
import { type Placement, placeInteraction } from '../../shared/timeline/placeInteraction.ts';
import type { Appended, Timeline } from '../../shared/timeline/timeline.ts';

const home = 'leafleafleafleafleaf00';

function placement(messageId: string, channel: Interaction['channel'], properties: Interaction['properties'] = {}) {
  const content = { home, messageId, clientTimeMs: 1_790_000_000_000, type: 'message.received', channel, properties };
  const who = { direction: 'inbound', source: 'website', touchpoint: 'widget', trust: 'claimed' } as const;
  const incoming = { ...content, ...who, identifiers: [], text: 'Minka sneezes' };
  return placeInteraction(incoming, { newId: () => 'new', receivedAtMs: 1_790_000_000_000 });
}

function logged(appendMany: (placements: readonly Placement[]) => Promise<Appended[]>) {
  const lines: unknown[][] = [];
  const note = (...line: unknown[]) => void lines.push(line);
  const timeline = createLoggedTimeline({ appendMany } as Timeline, { info: note, warn: note });
  return { lines, timeline };
}

const idOf = ({ interaction }: Placement) => interaction.id;

test('says of each channel what was stored and what was known, by ids and types alone', async () => {
  const batch = [placement('1', 'web'), placement('2', 'web'), placement('3', 'sms')];
  const { lines, timeline } = logged(async (all) =>
    all.map((one, index) => ({ id: idOf(one), duplicate: index === 1 })),
  );
  await timeline.appendMany(batch);
  const [one, two, three] = batch.map(idOf);
  const types = ['message.received'];
  expect(lines).toEqual([
    ['interactions taken in', { channel: 'web', types, stored: 1, duplicates: 1, ids: [one, two] }],
    ['interactions taken in', { channel: 'sms', types, stored: 1, duplicates: 0, ids: [three] }],
  ]);
});

test('names what an interaction is about only where that is an interaction, not what a sender wrote', async () => {
  const other = idOf(placement('other', 'web'));
  const batch = [placement('1', 'email', { message: other, occasion: 'Lena Vogt', answers: [other, 'Minka'] })];
  const { lines, timeline } = logged(async (all) => all.map((one) => ({ id: idOf(one), duplicate: false })));
  await timeline.appendMany(batch);
  expect(lines).toEqual([['interactions taken in', expect.objectContaining({ about: [other, other] })]]);
  expect(JSON.stringify(lines)).not.toMatch(/lena|minka/i);
});

test('says which interactions could not be stored, and fails as the timeline did', async () => {
  const batch = [placement('1', 'web')];
  const { lines, timeline } = logged(() => Promise.reject(new Error('no table')));
  await expect(timeline.appendMany(batch)).rejects.toThrow('no table');
  expect(lines).toEqual([['interactions not taken in', { ids: batch.map(idOf) }]]);
});
