import type { ConversationList, ConversationStatus, ConversationSummary } from '../../shared/contracts/conversation.ts';
import { createApi } from './api.ts';
import { channelIcon } from './channelIcon.ts';
import { byId, element } from './element.ts';
import { readLocalStory } from './localStory.ts';
import { durationSince, momentOf } from './times.ts';

const refreshMs = 3_000;

const statuses: readonly ConversationStatus[] = ['open', 'pending', 'snoozed', 'resolved'];
const asked = new URLSearchParams(location.search).get('status');
const status = statuses.find((one) => one === asked) ?? 'open';
const empty: Record<ConversationStatus, string> = {
  open: 'Nobody waits for us.',
  pending: 'We wait for nobody.',
  snoozed: 'Nothing is set aside.',
  resolved: 'Nothing has been resolved yet.',
};
const { keys } = await readLocalStory();
const api = createApi('', keys.agentApiKey ?? '');

byId(status).setAttribute('aria-current', 'page');
await refresh();
setInterval(() => void refresh(), refreshMs);

async function refresh(): Promise<void> {
  try {
    const { conversations, next } = await api.get<ConversationList>(`/conversations?status=${status}&limit=100`);
    byId('notice').textContent = conversations.length === 0 ? empty[status] : '';
    byId('conversations').replaceChildren(...conversations.map(row));
    byId('more').hidden = next === null;
  } catch (error) {
    byId('notice').textContent = error instanceof Error ? error.message : 'The platform does not answer.';
  }
}

function row(conversation: ConversationSummary): HTMLElement {
  const { conversationId, name, channel, subject, endedWith, waitingSince } = conversation;
  const since = waitingSince ?? endedWith.at;
  const speaker = { customer: name ?? 'The customer', agent: 'We', system: 'The platform' }[endedWith.by];
  return element(
    'li',
    {},
    element(
      'a',
      { class: 'card row', href: `/console/conversation?id=${encodeURIComponent(conversationId)}` },
      element('span', { class: 'badge' }, channelIcon(channel)),
      element(
        'span',
        { class: 'who' },
        element('strong', {}, name ?? 'Unknown'),
        subject === undefined || subject === '' ? undefined : element('span', { class: 'small' }, ` ${subject}`),
      ),
      element('time', { class: 'small quiet', datetime: since, title: momentOf(since) }, durationSince(since)),
      element('span', { class: 'words' }, element('span', { class: 'quiet' }, `${speaker}: `), endedWith.text),
      element('span', { class: 'tags' }, ...tagsOf(conversation)),
    ),
  );
}

function tagsOf({ assignee, isUnverifiedReply, owes, snoozedUntil }: ConversationSummary): HTMLElement[] {
  const tags = [
    assignee,
    snoozedUntil && `back ${momentOf(snoozedUntil)}`,
    isUnverifiedReply && 'unverified reply',
    status === 'open' || status === 'pending'
      ? undefined
      : { us: 'our turn', customer: 'their turn', nobody: '' }[owes],
    owes === 'nobody' && (status === 'open' || status === 'pending') ? 'nobody’s turn' : undefined,
  ];
  return tags.flatMap((text) => (text ? [element('span', { class: 'tag' }, text)] : []));
}
