import type { FrontDoors } from './frontDoors.ts';
import { type Character, jonas, lena } from './story.ts';

/** What of the story can be read on the timelines; what is absent did not come true. Times are ISO 8601. */
export interface Told {
  /** One timeline holds all three. */
  lena?: { chattedAt: string; calledAt: string; mailedAt: string };
  /** His call was missed, and the mail to him was delivered. */
  jonas?: { calledAt: string; mailedAt: string };
}

interface Entry {
  type: string;
  channel: string;
  occurredAt: string;
}

/** Reads the story back as an agent would: by the caller's number. */
export async function readTold(doors: FrontDoors): Promise<Told> {
  const [hers, his] = await Promise.all([timelineOf(doors, lena), timelineOf(doors, jonas)]);
  const chattedAt = firstOf(hers, ({ type, channel }) => type === 'message.received' && channel === 'web');
  const calledAt = firstOf(hers, ({ channel }) => channel === 'voice');
  const mailedAt = firstOf(hers, ({ type, channel }) => type === 'message.received' && channel === 'email');
  const missedAt = firstOf(his, ({ type }) => type === 'call.missed');
  const deliveredAt = firstOf(his, ({ type }) => type === 'email.delivered');
  return {
    ...(chattedAt && calledAt && mailedAt ? { lena: { chattedAt, calledAt, mailedAt } } : {}),
    ...(missedAt && deliveredAt ? { jonas: { calledAt: missedAt, mailedAt: deliveredAt } } : {}),
  };
}

async function timelineOf(doors: FrontDoors, { phoneShown }: Character): Promise<Entry[]> {
  const { customerId } = await doors.lookup(phoneShown);
  if (typeof customerId !== 'string') return [];
  const { interactions } = await doors.read(`/customers/${customerId}/timeline?limit=100`);
  return interactions as Entry[];
}

/** When the first of these happened; the newest entry stands first. */
function firstOf(entries: readonly Entry[], matches: (entry: Entry) => boolean): string | undefined {
  return entries.findLast(matches)?.occurredAt;
}
