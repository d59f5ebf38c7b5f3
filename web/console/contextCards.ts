import type { CustomerContext } from '../../shared/contracts/customer.ts';
import { channelIcon } from './channelIcon.ts';
import { element } from './element.ts';

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short', hourCycle: 'h23' });

/** The cards beside a timeline: what is open, who this is, what was bought. */
export function contextCards(context: CustomerContext): HTMLElement[] {
  return [conversations(context), person(context), purchases(context)].filter((card) => card !== undefined);
}

function card(title: string, ...content: HTMLElement[]): HTMLElement {
  return element('section', { class: 'card' }, element('h2', {}, title), ...content);
}

function conversations({ conversations: open }: CustomerContext): HTMLElement {
  if (open.length === 0) return card('Open conversations', element('span', { class: 'quiet' }, 'None.'));
  return card(
    'Where it ended',
    ...open.map(({ status, channel, subject, endedWith, owes }) =>
      element(
        'div',
        { class: 'conversation' },
        subject ? element('p', { class: 'small' }, element('strong', {}, subject)) : undefined,
        element('div', { class: endedWith.by === 'customer' ? 'said' : 'said us' }, endedWith.text),
        element(
          'p',
          { class: 'small quiet' },
          channelIcon(channel),
          ` ${endedWith.by}, ${moment.format(new Date(endedWith.at))} `,
          element('span', { class: `tag ${status}` }, status),
          ` ${owes === 'us' ? 'we owe an answer' : owes === 'customer' ? 'the customer owes an answer' : ''}`,
        ),
      ),
    ),
  );
}

function person({ customer }: CustomerContext): HTMLElement {
  const facts = [
    ['Language', customer.language],
    ['Time zone', customer.timeZone],
    ...customer.identifiers.map(({ type, value, trust }) => [type, `${value} (${trust})`]),
    ['Customer id', customer.customerId],
  ];
  return card('Who', element('dl', { class: 'small' }, ...rows(facts)));
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
        element('span', { class: 'quiet' }, moment.format(new Date(at))),
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
