import { assertNever } from '../platform/errors.ts';
import type { ParsedEvent } from './parseEvent.ts';

const maxLength = 200;

/** The event in a few words for a person who reads the timeline: one line, at most 200 characters. */
export function describeEvent(event: ParsedEvent): string {
  return oneLine(words(event));
}

function words(event: ParsedEvent): string {
  switch (event.type) {
    case 'page':
    case 'screen':
      return `Viewed ${viewed(event)}`;
    case 'identify':
      return describeDetails(event.traits);
    case 'group':
      return `Joined ${textOf(event.traits.name) ?? event.groupId}`;
    case 'alias':
      return `Known as ${event.userId ?? event.anonymousId}, before as ${event.previousId}`;
    case 'track':
      return [event.event, [amountOf(event.properties), itemsOf(event.properties)].filter(Boolean).join(', ')]
        .filter(Boolean)
        .join(': ');
    default:
      return assertNever(event);
  }
}

function viewed(event: Extract<ParsedEvent, { type: 'page' | 'screen' }>): string {
  const { properties, context } = event;
  const page = typeof context.page === 'object' && context.page !== null ? { ...context.page } : {};
  const { title, path } = page as Record<string, unknown>;
  const candidates = [properties.title, title, event.name, properties.path, path, event.category];
  return candidates.map(textOf).find((text) => text !== undefined) ?? `a ${event.type}`;
}

/** Which details came in, not what they say: the values stand in the properties. */
function describeDetails(traits: Record<string, unknown>): string {
  const names = Object.keys(traits).filter((name) => traits[name] !== null);
  return names.length === 0 ? 'Identified' : `Identified by ${names.join(', ')}`;
}

/** What was paid, such as `EUR 27.50`; the total where it is known, else the revenue. */
function amountOf(properties: Record<string, unknown>): string | undefined {
  const amount = numberOf(properties.total) ?? numberOf(properties.revenue);
  const currency = textOf(properties.currency)?.toUpperCase();
  if (amount === undefined) return undefined;
  if (currency === undefined || !/^[A-Z]{3}$/.test(currency)) return amount.toFixed(2);
  const format = new Intl.NumberFormat('en', { style: 'currency', currency, currencyDisplay: 'code' });
  return format.format(amount);
}

function itemsOf(properties: Record<string, unknown>): string | undefined {
  if (!Array.isArray(properties.products)) return undefined;
  const names = properties.products.flatMap((product: unknown) =>
    typeof product === 'object' && product !== null && 'name' in product ? (textOf(product.name) ?? []) : [],
  );
  return names.length === 0 ? undefined : names.join(', ');
}

function oneLine(text: string): string {
  // Longer texts cost time here and are cut anyway.
  const line = text
    .slice(0, 4 * maxLength)
    .toWellFormed()
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  return line.length <= maxLength ? line : `${line.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
