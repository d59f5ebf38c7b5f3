import type { Customer, CustomerContext, TimelinePage } from '../../shared/contracts/customer.ts';
import { createApi } from './api.ts';
import { contextCards } from './contextCards.ts';
import { byId } from './element.ts';
import { readLocalStory } from './localStory.ts';
import { timelineEntries } from './timelineEntries.ts';

const refreshMs = 3_000;
const asked = new URLSearchParams(location.search);
const identifier = asked.get('identifier') ?? '';
const { keys } = await readLocalStory();
const api = createApi('', keys.agentApiKey ?? '');
let pagesShown = 1;

(byId('identifier') as HTMLInputElement).value = identifier;
byId('older').addEventListener('click', () => {
  pagesShown += 1;
  void refresh();
});
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
  const [context, { interactions, next }] = await Promise.all([
    api.get<CustomerContext>(`${path}/context`),
    readPages(path),
  ]);
  byId('notice').hidden = true;
  byId('customer').hidden = false;
  const name = context.customer.name ?? 'Unknown visitor';
  document.title = `${name} · Throughline`;
  byId('name').textContent = name;
  byId('summary').textContent = context.summary;
  byId('timeline').replaceChildren(...timelineEntries(interactions));
  byId('older').hidden = next === null;
  byId('aside').replaceChildren(...contextCards(context));
}

/** The customer with the identifier that was asked for; where there is none, the page says so. */
async function findCustomer(): Promise<string | undefined> {
  if (identifier === '') return tell('Enter an identifier, for example userId:cust-17 or phone:030 23125 117.');
  const { customers } = await api.get<{ customers: Customer[] }>(
    `/customers?identifier=${encodeURIComponent(identifier)}`,
  );
  return customers[0]?.customerId ?? tell('Nobody with this identifier has been here yet.');
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

function tell(notice: string): undefined {
  byId('notice').textContent = notice;
  byId('notice').hidden = false;
  byId('customer').hidden = true;
}
