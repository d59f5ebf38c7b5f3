import type { ConversationDetail } from '../../shared/contracts/conversation.ts';
import type { CustomerContext } from '../../shared/contracts/customer.ts';
import type { Message, MessagePage } from '../../shared/contracts/widget.ts';
import { createApi } from './api.ts';
import { channelName } from './channelIcon.ts';
import { contextCards } from './contextCards.ts';
import { byId, element, field } from './element.ts';
import { readLocalStory } from './localStory.ts';
import { messageEntries } from './messageEntries.ts';
import { durationSince, laterTimes, momentOf } from './times.ts';

const refreshMs = 3_000;
/** A projection takes a moment; so soon after an act the page looks again. */
const soonMs = [150, 600, 1_500];
const agentStorage = 'throughline-agent';

const asked = new URLSearchParams(location.search).get('id') ?? '';
const path = `/conversations/${encodeURIComponent(asked)}`;
const { keys } = await readLocalStory();
const api = createApi('', keys.agentApiKey ?? '');
const [text, agent, assignee] = [field('text'), field('agent'), field('assignee')];
let shown = '';
let noted = '';

agent.value = localStorage.getItem(agentStorage) ?? '';
agent.addEventListener('change', () => localStorage.setItem(agentStorage, agent.value));
byId('answer').addEventListener('submit', (event) => {
  event.preventDefault();
  const isNote = event instanceof SubmitEvent && event.submitter?.id === 'note';
  void act(isNote ? 'note' : 'messages', { text: text.value }, isNote ? 'Noted.' : 'Sent.', () => {
    text.value = '';
  });
});
for (const name of ['resolve', 'reopen']) byId(name).addEventListener('click', () => void act(name, {}));
byId('assign').addEventListener('submit', (event) => {
  event.preventDefault();
  if (assignee.value.trim() !== '') void act('assign', { assignee: assignee.value });
});
byId('unassign').addEventListener('click', () => void act('assign', { assignee: null }));
byId('snoozing').addEventListener('toggle', () => {
  byId('snoozes').replaceChildren(
    ...laterTimes(new Date()).map(({ label, at }) => {
      const button = element('button', { type: 'button' }, label);
      button.addEventListener('click', () => void act('snooze', { until: at.toISOString() }));
      return button;
    }),
  );
});
await refresh();
setInterval(() => void refresh(), refreshMs);

/** Does something to the conversation, says what came of it, and looks until it shows. */
async function act(deed: string, body: Record<string, unknown>, done = '', then = () => {}): Promise<void> {
  for (const id of ['snoozing', 'assigning']) byId(id).removeAttribute('open');
  try {
    await api.post(`${path}/${deed}`, { ...body, ...(agent.value.trim() === '' ? {} : { agent: agent.value.trim() }) });
    byId('outcome').textContent = done;
    then();
    for (const afterMs of soonMs) setTimeout(() => void refresh(), afterMs);
  } catch (error) {
    byId('outcome').textContent = error instanceof Error ? error.message : 'The platform does not answer.';
  }
}

async function refresh(): Promise<void> {
  try {
    await show();
  } catch (error) {
    byId('notice').textContent = error instanceof Error ? error.message : 'The platform does not answer.';
    byId('notice').hidden = false;
  }
}

async function show(): Promise<void> {
  const conversation = await api.get<ConversationDetail>(path);
  const [messages, context] = await Promise.all([
    readMessages(),
    api.get<CustomerContext>(`/customers/${encodeURIComponent(conversation.customerId)}/context`),
  ]);
  const theirs = conversation.readMarks.filter(({ by }) => by === 'customer');
  const now = JSON.stringify([{ ...conversation, readMarks: theirs }, messages, context]);
  if (now === shown) return;
  shown = now;
  const name = context.customer.name ?? conversation.name ?? 'Unknown visitor';
  byId('notice').hidden = true;
  byId('conversation').hidden = false;
  document.title = `${name} · Throughline`;
  byId('customer').textContent = name;
  byId('customer').setAttribute('href', `/console/customer?customerId=${encodeURIComponent(conversation.customerId)}`);
  showStanding(conversation);
  byId('messages').replaceChildren(...messageEntries(messages, name, theirs[0]?.until));
  byId('aside').replaceChildren(...contextCards(context, { besides: conversation.conversationId }));
  const last = messages.at(-1);
  if (last && document.visibilityState === 'visible') await noteRead(last);
}

/** What stands before an agent counts as read. */
async function noteRead({ id }: Message): Promise<void> {
  const name = agent.value.trim();
  if (noted === `${name} ${id}`) return;
  noted = `${name} ${id}`;
  await api.post(`${path}/read`, { upTo: id, ...(name === '' ? {} : { agent: name }) });
}

function showStanding(conversation: ConversationDetail): void {
  const {
    assignee: whose,
    channel,
    linkedTo,
    isUnverifiedReply,
    owes,
    snoozedUntil,
    status,
    subject,
    waitingSince,
  } = conversation;
  byId('status').textContent = status;
  byId('status').className = `tag state ${status}`;
  const facts = [
    subject ?? channelName(channel),
    owes === 'us' && waitingSince ? `waiting for us for ${durationSince(waitingSince)}` : undefined,
    owes === 'customer' ? 'waiting for the customer' : undefined,
    snoozedUntil ? `set aside until ${momentOf(snoozedUntil)}` : undefined,
    whose ? `${whose} takes care of it` : undefined,
  ].filter((fact) => fact !== undefined);
  byId('standing').replaceChildren(
    facts.join(' · '),
    ...(isUnverifiedReply ? [' · an answer to a message of ours that nobody could verify'] : []),
    ...(linkedTo
      ? [
          ' · ',
          element('a', { href: `/console/conversation?id=${encodeURIComponent(linkedTo)}` }, 'where it came from'),
        ]
      : []),
  );
  byId('assigned').textContent = whose ?? 'Assign';
  byId('resolve').hidden = status === 'resolved';
  byId('reopen').hidden = status === 'open' || status === 'pending';
  byId('snoozing').hidden = status === 'resolved' || status === 'snoozed';
}

/** All messages, a page at a time; one may come twice. */
async function readMessages(): Promise<Message[]> {
  const all = new Map<string, Message>();
  let after = '';
  for (;;) {
    const page: MessagePage = await api.get(`${path}/messages?limit=100${after}`);
    for (const message of page.messages) all.set(message.id, message);
    if (page.messages.length < 100 || page.next === null) return [...all.values()];
    after = `&after=${encodeURIComponent(page.next)}`;
  }
}
