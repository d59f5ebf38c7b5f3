import type { Identifier } from '../../shared/contracts/identifier.ts';
import type { LinkAnswer } from '../../shared/contracts/link.ts';
import type { Api } from './api.ts';
import { byId, field } from './element.ts';
import { identifierText } from './identifiers.ts';

/** The customer that the page shows. */
export interface ShownCustomer {
  customerId: string;
  identifiers: readonly Identifier[];
}

/**
 * The dialogs that link another identifier to the customer and that begin a conversation with them. What the platform
 * answers to a refused request stands in the dialog, which stays open with what was typed.
 */
export function serveCustomerForms(
  api: Api,
  { customer, linked }: { customer: () => ShownCustomer | undefined; linked: () => Promise<void> },
): void {
  serve({ dialog: 'linking', opener: 'link', cancel: 'unlinked', outcome: 'linked' }, async () => {
    const { customerId, known } = whose(customer());
    const reason = field('ground').value.trim();
    await api.post<LinkAnswer>(`/customers/${encodeURIComponent(customerId)}/links`, {
      a: known,
      b: field('other').value.trim(),
      ...(reason === '' ? {} : { reason }),
    });
    await linked();
  });
  serve({ dialog: 'writing', opener: 'write', cancel: 'unwritten', outcome: 'written' }, async () => {
    const { customerId } = customer() ?? { customerId: '' };
    const [subject, agent] = [field('subject').value.trim(), field('agent').value.trim()];
    const { id } = await api.post<{ id: string }>('/conversations', {
      customerId,
      text: field('text').value,
      ...(subject === '' ? {} : { subject }),
      ...(agent === '' ? {} : { agent }),
    });
    location.assign(`/console/conversation?id=${encodeURIComponent(id)}`);
  });
}

/** A dialog with one form: its names on the page, and what sending it does. */
function serve(
  { cancel, dialog, opener, outcome }: { dialog: string; opener: string; cancel: string; outcome: string },
  send: () => Promise<void>,
): void {
  const shown = byId(dialog);
  const form = shown.querySelector('form');
  const button = shown.querySelector<HTMLButtonElement>('button[type=submit]');
  if (!(shown instanceof HTMLDialogElement) || !form || !button) throw new Error(`#${dialog} is no dialog with a form`);
  byId(opener).addEventListener('click', () => {
    byId(outcome).textContent = '';
    shown.showModal();
  });
  byId(cancel).addEventListener('click', () => shown.close());
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    void sendOnce();
  });
  const sendOnce = async () => {
    button.disabled = true;
    try {
      await send();
      form.reset();
      shown.close();
    } catch (error) {
      byId(outcome).textContent = error instanceof Error ? error.message : 'The platform does not answer.';
    } finally {
      button.disabled = false;
    }
  };
}

/** What is merely claimed may be somebody else's; a browser is always the customer's own. */
function whose(customer: ShownCustomer | undefined): { customerId: string; known: string } {
  const identifiers = customer?.identifiers ?? [];
  const known =
    identifiers.find(({ trust }) => trust !== 'claimed') ?? identifiers.find(({ type }) => type === 'anonymousId');
  if (customer === undefined || known === undefined) throw new Error('Nothing is known yet that is theirs for sure.');
  return { customerId: customer.customerId, known: identifierText(known) };
}
