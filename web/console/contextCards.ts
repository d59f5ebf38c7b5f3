import type { CustomerContext } from '../../shared/contracts/customer.ts';
import { channelIcon } from './channelIcon.ts';
import { element } from './element.ts';
import { identifierLines, identifierText } from './identifiers.ts';
import { momentOf } from './times.ts';

/** The cards beside a timeline or a conversation: what else is open, who this is, what was bought. */
export function contextCards(context: CustomerContext, { besides }: { besides?: string } = {}): HTMLElement[] {
  return [conversations(context, besides), person(context), purchases(context)].filter((card) => card !== undefined);
}

function card(title: string, ...content: HTMLElement[]): HTMLElement {
  return element('section', { class: 'card' }, element('h2', {}, title), ...content);
}

function conversations({ conversations: all }: CustomerContext, besides: string | undefined): HTMLElement | undefined {
  const open = all.filter(({ conversationId }) => conversationId !== besides);
  if (open.length === 0) {
    return besides ? undefined : card('Open conversations', element('span', { class: 'quiet' }, 'None.'));
  }
  return card(
    besides ? 'Also open' : 'Where it ended',
    ...open.map(({ conversationId, status, channel, subject, endedWith, owes }) =>
      element(
        'div',
        { class: 'conversation' },
        subject ? element('p', { class: 'small' }, element('strong', {}, subject)) : undefined,
        element('div', { class: endedWith.by === 'customer' ? 'said' : 'said us' }, endedWith.text),
        element(
          'p',
          { class: 'small quiet' },
          channelIcon(channel),
          ` ${endedWith.by}, ${momentOf(endedWith.at)} `,
          element('span', { class: `tag ${status}` }, status),
          ` ${owes === 'us' ? 'we owe an answer' : owes === 'customer' ? 'the customer owes an answer' : ''}`,
        ),
        element(
          'p',
          { class: 'small' },
          element('a', { href: `/console/conversation?id=${encodeURIComponent(conversationId)}` }, 'Open conversation'),
        ),
      ),
    ),
  );
}

function person({ customer }: CustomerContext): HTMLElement {
  const facts = [
    ['Language', customer.language],
    ['Time zone', customer.timeZone],
    ['Customer id', customer.customerId],
  ];
  const known = customer.identifiers.map((identifier) =>
    element(
      'li',
      { class: 'identifier', 'data-identifier': identifierText(identifier) },
      ...identifierLines(identifier),
    ),
  );
  return card(
    'Who',
    element('ul', { class: 'identifiers' }, ...known),
    element('dl', { class: 'small' }, ...rows(facts)),
  );
}

function purchases({ purchases: { last, favourites } }: CustomerContext): HTMLElement | undefined {
  if (last.length === 0) return undefined;
  return card(
    'Purchases',
    ...last.map(({ at, items, revenueMinor, currency }) =>
      element(
        'p',
        { class: 'small' },
        [items.join(', '), amount(revenueMinor, currency)].filter(Boolean).join(' · '),
        element('br'),
        element('span', { class: 'quiet' }, momentOf(at)),
      ),
    ),
    ...(favourites.length > 0 ? [element('p', { class: 'small quiet' }, `Favourites: ${favourites.join(', ')}`)] : []),
  );
}

function amount(minor: number | undefined, currency: string | undefined): string | undefined {
  if (minor === undefined || currency === undefined) return undefined;
  const format = new Intl.NumberFormat(undefined, { style: 'currency', currency });
  return format.format(minor / 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2));
}

function rows(facts: readonly (readonly (string | undefined)[])[]): HTMLElement[] {
  return facts.flatMap(([name, value]) => (name && value ? [element('dt', {}, name), element('dd', {}, value)] : []));
}
