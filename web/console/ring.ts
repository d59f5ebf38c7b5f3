import type { CustomerContext } from '../../shared/contracts/customer.ts';
import type { LookupAnswer } from '../../shared/contracts/lookup.ts';
import { createApi } from './api.ts';
import { channelName } from './channelIcon.ts';
import { contextCards } from './contextCards.ts';
import { byId, element } from './element.ts';
import { readLocalStory } from './localStory.ts';
import { summaryEntries } from './timelineEntries.ts';

const { keys, demo } = await readLocalStory();
/** The telephone system's key is good for lookups only; the agent's opens the context. */
const telephone = createApi('', keys.lookupKey ?? '');
const agent = createApi('', keys.agentApiKey ?? '');
const stranger = { name: 'A stranger', phoneShown: '040 7654321' };
const callers = [...(demo?.people ?? []), stranger];
const input = byId('number') as HTMLInputElement;
let rings = 0;

byId('callers').append(
  ...callers.map(({ name, phoneShown }) => {
    const button = element('button', { type: 'button' }, `${name} calls`);
    button.addEventListener('click', () => void ring(phoneShown));
    return button;
  }),
);
byId('dial').addEventListener('submit', (event) => {
  event.preventDefault();
  void ring(input.value);
});

const first = new URLSearchParams(location.search).get('number') ?? demo?.people[0]?.phoneShown;
if (first !== undefined) await ring(first);

async function ring(number: string): Promise<void> {
  rings += 1;
  const mine = rings;
  input.value = number;
  byId('calling').textContent = `${number} is calling`;
  try {
    const startedMs = performance.now();
    const answer = await telephone.get<LookupAnswer>(`/lookup?number=${encodeURIComponent(number)}`);
    const tookMs = Math.round(performance.now() - startedMs);
    // Another call came in meanwhile.
    if (mine !== rings) return;
    showCaller(answer, tookMs);
    const { customerId } = answer;
    const context = customerId && (await agent.get<CustomerContext>(`/customers/${customerId}/context`));
    if (mine === rings) showContext(context || undefined);
  } catch (error) {
    byId('caller').textContent = error instanceof Error ? error.message : 'The platform does not answer.';
  }
  byId('pop').hidden = false;
}

function showCaller({ match, name, openConversation, url }: LookupAnswer, tookMs: number): void {
  const who = match === 'one' ? (name ?? 'Called before, name unknown') : 'Nobody we know';
  // The deployed page has its own address; on this machine the same page is a path away.
  const page = url && new URL(url).pathname + new URL(url).search;
  byId('caller').replaceChildren(page ? element('a', { href: page }, who) : who);
  byId('took').textContent = `Looked up in ${tookMs} ms.`;
  byId('ended').replaceChildren(
    ...(openConversation
      ? [
          `${ownerOf(openConversation.owes)} It ended with ${speakerOf(openConversation.endedWith.by)}, by ${channelName(openConversation.endedWith.channel).toLowerCase()}: `,
          element('q', {}, openConversation.endedWith.text),
        ]
      : [match === 'one' ? 'No open conversation.' : 'A new or withheld number: ask who it is.']),
  );
}

function ownerOf(owes: 'us' | 'customer' | 'nobody'): string {
  return { us: 'We owe an answer.', customer: 'The customer owes an answer.', nobody: 'Nobody owes an answer.' }[owes];
}

function speakerOf(by: 'customer' | 'agent' | 'system'): string {
  return { customer: 'the customer', agent: 'us', system: 'the platform' }[by];
}

function showContext(context: CustomerContext | undefined): void {
  for (const id of ['summary', 'context']) byId(id).hidden = context === undefined;
  if (context === undefined) return;
  byId('summary').textContent = context.summary;
  byId('timeline').replaceChildren(...summaryEntries(context.interactions));
  byId('aside').replaceChildren(...contextCards(context));
}
