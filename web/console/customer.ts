import type { CustomerContext, CustomerList, TimelinePage } from '../../shared/contracts/customer.ts';
import { type Identifier, identifierTypes } from '../../shared/contracts/identifier.ts';
import { createApi } from './api.ts';
import { contextCards } from './contextCards.ts';
import { type ShownCustomer, serveCustomerForms } from './customerForms.ts';
import { customerList } from './customerList.ts';
import { byId, element, field } from './element.ts';
import { identifierText } from './identifiers.ts';
import { identityCard } from './identityCard.ts';
import { readLocalStory } from './localStory.ts';
import { timelineEntries } from './timelineEntries.ts';

const refreshMs = 3_000;
const asked = new URLSearchParams(location.search);
const sought = asked.get('identifier') ?? '';
const { keys } = await readLocalStory();
const api = createApi('', keys.agentApiKey ?? '');
let pagesShown = 1;
let shown = '';
let customer: ShownCustomer | undefined;
/** What is asked about, while the question is open. */
let separating: { path: string; a: string; b: string } | undefined;

field('identifier').value = sought;
byId('older').addEventListener('click', () => {
  pagesShown += 1;
  void refresh();
});
byId('separate').addEventListener('submit', (event) => {
  event.preventDefault();
  void separate();
});
byId('keep').addEventListener('click', () => dialog().close());
serveCustomerForms(api, { customer: () => customer, linked: refresh });
await refresh();
setInterval(() => void refresh(), refreshMs);

async function refresh(): Promise<void> {
  try {
    await show();
  } catch (error) {
    tell(error instanceof Error ? error.message : 'The platform does not answer.');
  }
}

async function show(): Promise<void> {
  const customerId = asked.get('customerId') ?? (await findCustomer());
  if (customerId === undefined) return;
  const path = `/customers/${encodeURIComponent(customerId)}`;
  const [context, timeline, facts] = await Promise.all([
    api.get<CustomerContext>(`${path}/context`),
    readPages(path),
    api.get<TimelinePage>(`${path}/timeline?kinds=identity&limit=20`),
  ]);
  const now = JSON.stringify([context, timeline, facts]);
  if (now === shown) return;
  shown = now;
  customer = context.customer;
  byId('notice').hidden = true;
  byId('found').hidden = true;
  byId('customer').hidden = false;
  const name = context.customer.name ?? 'Unknown visitor';
  document.title = `${name} · Throughline`;
  byId('name').textContent = name;
  byId('summary').textContent = context.summary;
  byId('timeline').replaceChildren(...timelineEntries(timeline.interactions));
  byId('older').hidden = timeline.next === null;
  const identity = identityCard(context.customer.identifiers, facts.interactions, (one, other) =>
    ask(path, one, other),
  );
  byId('aside').replaceChildren(...contextCards(context), identity);
}

/**
 * The customer with the identifier, or the name or number, that was asked for. Where there are several, the page lists
 * them; where there is none, it says so.
 */
async function findCustomer(): Promise<string | undefined> {
  if (sought === '') return tell('Enter a name, a number, or an identifier such as userId:cust-17.');
  const isIdentifier = identifierTypes.some((type) => sought.startsWith(`${type}:`));
  const { customers } = await api.get<CustomerList>(
    `/customers?${isIdentifier ? 'identifier' : 'query'}=${encodeURIComponent(sought)}`,
  );
  const [first, ...others] = customers;
  if (others.length === 0) {
    if (first) return first.customerId;
    return tell(
      isIdentifier ? 'Nobody with this identifier has been here yet.' : 'Nobody is called so or has such a number.',
    );
  }
  byId('notice').textContent = isIdentifier ? 'It may be one of these.' : 'Who of these?';
  byId('found').replaceChildren(...customerList(customers));
  byId('found').hidden = false;
  return undefined;
}

async function readPages(path: string): Promise<TimelinePage> {
  const all: TimelinePage = { interactions: [], next: null };
  for (let page = 0; page < pagesShown; page++) {
    const before: string = all.next === null ? '' : `&before=${encodeURIComponent(all.next)}`;
    const { interactions, next } = await api.get<TimelinePage>(`${path}/timeline?limit=50${before}`);
    all.interactions.push(...interactions);
    all.next = next;
    if (next === null) break;
  }
  return all;
}

function ask(path: string, identifier: Identifier, from: Identifier): void {
  separating = { path, a: identifierText(identifier), b: identifierText(from) };
  byId('question').replaceChildren(
    'Take ',
    element('strong', {}, identifier.value),
    ' out of this customer? Both keep their own history, and nothing joins them again by itself.',
  );
  byId('separated').textContent = '';
  dialog().showModal();
}

async function separate(): Promise<void> {
  if (separating === undefined) return;
  const { path, ...ends } = separating;
  const reason = field('why').value.trim();
  try {
    await api.post(`${path}/links/remove`, { ...ends, ...(reason === '' ? {} : { reason }) });
    dialog().close();
    await refresh();
  } catch (error) {
    byId('separated').textContent = error instanceof Error ? error.message : 'The platform does not answer.';
  }
}

function dialog(): HTMLDialogElement {
  const found = byId('separating');
  if (found instanceof HTMLDialogElement) return found;
  throw new Error('the page lacks its dialog');
}

function tell(notice: string): undefined {
  byId('notice').textContent = notice;
  byId('notice').hidden = false;
  byId('customer').hidden = true;
}
