import type { ConversationList, ConversationStatus, ConversationSummary } from '../../shared/contracts/conversation.ts';
import { createApi } from './api.ts';
import { channelIcon } from './channelIcon.ts';
import { byId, element } from './element.ts';
import { readLocalStory } from './localStory.ts';

const refreshMs = 3_000;
const minuteMs = 60_000;

const asked = new URLSearchParams(location.search).get('status');
const status: ConversationStatus = asked === 'pending' ? 'pending' : 'open';
const { keys } = await readLocalStory();
const api = createApi('', keys.agentApiKey ?? '');

byId(status).setAttribute('aria-current', 'page');
await refresh();
setInterval(() => void refresh(), refreshMs);

async function refresh(): Promise<void> {
  try {
    const { conversations, next } = await api.get<ConversationList>(`/conversations?status=${status}&limit=100`);
    byId('notice').textContent = conversations.length === 0 ? 'Nobody.' : '';
    byId('conversations').replaceChildren(...conversations.map(row));
    byId('more').hidden = next === null;
  } catch (error) {
    byId('notice').textContent = error instanceof Error ? error.message : 'The platform does not answer.';
  }
}

function row({ customerId, name, channel, subject, endedWith, waitingSince, owes }: ConversationSummary): HTMLElement {
  const since = waitingSince ?? endedWith.at;
  const speaker = { customer: name ?? 'The customer', agent: 'We', system: 'The platform' }[endedWith.by];
  return element(
    'li',
    {},
    element(
      'a',
      { class: 'card row', href: `/console/customer?customerId=${encodeURIComponent(customerId)}` },
      element('span', { class: 'badge' }, channelIcon(channel)),
      element(
        'span',
        { class: 'who' },
        element('strong', {}, name ?? 'Unknown'),
        subject === undefined || subject === '' ? undefined : element('span', { class: 'small' }, ` ${subject}`),
      ),
      element('time', { class: 'small quiet', datetime: since, title: since }, durationSince(since)),
      element(
        'span',
        { class: 'words' },
        element('span', { class: 'quiet' }, `${speaker}: `),
        endedWith.text,
        owes === 'us'
          ? undefined
          : element('span', { class: 'tag' }, owes === 'customer' ? 'their turn' : 'nobody’s turn'),
      ),
    ),
  );
}

/** How long ago, in the largest whole unit. */
function durationSince(time: string): string {
  const minutes = Math.max(0, Math.floor((Date.now() - Date.parse(time)) / minuteMs));
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} days`;
}
