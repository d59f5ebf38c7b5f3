import type { CustomerContext } from '../../shared/contracts/customer.ts';
import type { Channel, Interaction } from '../../shared/contracts/interaction.ts';
import { channelIcon } from './channelIcon.ts';
import { element } from './element.ts';
import { entryContent } from './entryContent.ts';

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

/** What happens in masses is drawn quietly, so that the story stands out. */
const quietTypes = new Set(['page.viewed', 'screen.viewed', 'event.tracked', 'customer.identified', 'email.opened']);

/** List items of a timeline, with a heading before the first interaction of each day. */
export function timelineEntries(interactions: readonly Interaction[]): HTMLElement[] {
  let lastDay = '';
  return interactions.flatMap((interaction) => {
    const heading = day.format(new Date(interaction.occurredAt));
    const entries = heading === lastDay ? [] : [element('li', {}, element('span', { class: 'day' }, heading))];
    lastDay = heading;
    return [...entries, entry(interaction)];
  });
}

/** The short form of a timeline, as a screen pop shows it. */
export function summaryEntries(interactions: CustomerContext['interactions']): HTMLElement[] {
  return interactions.map(({ id, at, type, channel, direction, text }) => {
    const isMessage = type.startsWith('message.') && text !== '';
    return item({ id, at, type, channel }, [
      element('span', isMessage ? { class: direction === 'outbound' ? 'said us' : 'said' } : {}, text || type),
    ]);
  });
}

function entry(interaction: Interaction): HTMLElement {
  const { id, occurredAt, type, channel } = interaction;
  const about = element('div', { class: 'type' }, describe(interaction));
  return item({ id, at: occurredAt, type, channel }, [...entryContent(interaction), about]);
}

function item(
  { id, at, type, channel }: { id: string; at: string; type: string; channel: Channel },
  content: (HTMLElement | undefined)[],
): HTMLElement {
  return element(
    'li',
    { class: quietTypes.has(type) ? 'quiet' : 'story', title: id },
    element('time', { datetime: at }, time.format(new Date(at))),
    element('span', { class: 'dot' }, channelIcon(channel)),
    element('div', {}, ...content),
  );
}

function describe({ type, channel, source, touchpoint, trust, continuity }: Interaction): string {
  const parts = [type, channel, touchpoint === source ? source : `${source}, ${touchpoint}`, trust];
  if (continuity)
    parts.push(continuity.reason === 'new' ? 'opened the conversation' : `same conversation (${continuity.reason})`);
  return parts.join(' · ');
}
