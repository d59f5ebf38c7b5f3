import type { Interaction } from '../../shared/contracts/interaction.ts';
import { element } from './element.ts';

const time = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const day = new Intl.DateTimeFormat(undefined, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });

/** What happens in masses is drawn quietly, so that the story stands out. */
const quietTypes = new Set(['page.viewed', 'screen.viewed', 'event.tracked']);

/** List items of a timeline, with a heading before the first interaction of each day. */
export function timelineEntries(interactions: readonly Interaction[]): HTMLElement[] {
  let lastDay = '';
  return interactions.flatMap((interaction) => {
    const at = new Date(interaction.occurredAt);
    const heading = day.format(at);
    const entries = heading === lastDay ? [] : [element('li', {}, element('span', { class: 'day' }, heading))];
    lastDay = heading;
    return [...entries, entry(interaction, at)];
  });
}

function entry(interaction: Interaction, at: Date): HTMLElement {
  const isMessage = interaction.type.startsWith('message.');
  const isOurs = interaction.direction === 'outbound';
  const text = interaction.text ?? interaction.type;
  return element(
    'li',
    { class: quietTypes.has(interaction.type) ? 'quiet' : 'story', title: interaction.id },
    element('time', { datetime: interaction.occurredAt }, time.format(at)),
    element('span', { class: 'dot' }),
    element(
      'div',
      {},
      isMessage ? element('span', { class: isOurs ? 'said us' : 'said' }, text) : element('span', {}, text),
      element('div', { class: 'type' }, describe(interaction)),
    ),
  );
}

function describe({ type, channel, source, touchpoint, trust, continuity }: Interaction): string {
  const parts = [type, channel, touchpoint === source ? source : `${source}, ${touchpoint}`, trust];
  if (continuity)
    parts.push(continuity.reason === 'new' ? 'opened the conversation' : `same conversation (${continuity.reason})`);
  return parts.join(' · ');
}
