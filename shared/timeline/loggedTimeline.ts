import type { Interaction } from '../contracts/interaction.ts';
import type { Log } from '../platform/log.ts';
import type { Placement } from './placeInteraction.ts';
import type { Appended, Timeline } from './timeline.ts';
import { readInteractionId } from './timelineKeys.ts';

/**
 * A timeline that says in the log what it was given, by ids alone: the line in which an interaction appears first, from
 * where it is followed through the other functions. `about` are the interactions that it is about.
 */
export function createLoggedTimeline(timeline: Timeline, log: Pick<Log, 'info' | 'warn'>): Timeline {
  async function logged(placements: readonly Placement[], append: () => Promise<Appended[]>): Promise<Appended[]> {
    const interactions = placements.map(({ interaction }) => interaction);
    try {
      const appended = await append();
      const outcomes = interactions.map((interaction, index) => ({ interaction, ...appended[index] }));
      for (const [channel, ofChannel] of Map.groupBy(outcomes, ({ interaction }) => interaction.channel)) {
        const duplicates = ofChannel.filter(({ duplicate }) => duplicate).length;
        log.info('interactions taken in', {
          channel,
          types: [...new Set(ofChannel.map(({ interaction }) => interaction.type))],
          stored: ofChannel.length - duplicates,
          duplicates,
          ids: ofChannel.map(({ id, interaction }) => id ?? interaction.id),
          about: aboutOf(ofChannel.map(({ interaction }) => interaction)),
        });
      }
      return appended;
    } catch (error) {
      // Why is logged by whoever wanted it stored.
      log.warn('interactions not taken in', { ids: interactions.map(({ id }) => id) });
      throw error;
    }
  }

  return {
    ...timeline,
    append: async (placement) => {
      const [appended] = await logged([placement], async () => [await timeline.append(placement)]);
      if (appended === undefined) throw new TypeError('one placement gives one outcome');
      return appended;
    },
    appendMany: (placements) => logged(placements, () => timeline.appendMany(placements)),
  };
}

/** Under these names the platform writes ids; what a sender writes under them is none, and stays out. */
function aboutOf(interactions: readonly Interaction[]): string[] | undefined {
  const named = interactions.flatMap(({ properties: { answers, message, occasion } }) => [answers, message, occasion]);
  const ids = named.flat().filter((value): value is string => typeof value === 'string' && isId(value));
  return ids.length > 0 ? ids : undefined;
}

function isId(text: string): boolean {
  return readInteractionId(text) !== undefined;
}
