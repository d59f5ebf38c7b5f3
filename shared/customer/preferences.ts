import type { Interaction } from '../contracts/interaction.ts';
import { cutText } from '../conversation/cutText.ts';

/** A value and when it was stated; of two, the later one holds, of two of the same millisecond the greater one. */
export interface Stated {
  value: string;
  atMs: number;
}

export interface Preferences {
  name?: Stated;
  /** Said by the customer or for them. */
  language?: Stated;
  /** Reported by the device. */
  locale?: Stated;
  timeZone?: Stated;
  /** How the customer signs mails; holds while no name was stated. */
  displayName?: Stated;
  /** Where the customer works, by the trait `company.name` of Segment's identify. */
  company?: Stated;
}

/** In the order in which heads store them: a new one comes last. */
export const preferenceNames = ['name', 'language', 'locale', 'timeZone', 'displayName', 'company'] as const;

const nameLength = 100;
const languageTag = /^[a-z]{2,8}([-_][a-z0-9]{1,8}){0,4}$/i;
const timeZoneName = /^[A-Za-z][\w+-]*(\/[\w+-]+){0,3}$/;

/** What one interaction states. Only `customer.identified` has traits of the customer: a group's traits are its own. */
export function preferencesIn({ type, occurredAt, properties, context }: Interaction): Preferences {
  const traits = type === 'customer.identified' ? record(properties.traits) : {};
  const atMs = Date.parse(occurredAt);
  const values = {
    name: nameIn(traits),
    language: matching(traits.language, languageTag),
    locale: matching(context?.locale, languageTag),
    timeZone: matching(context?.timezone, timeZoneName),
    displayName: type === 'message.received' ? nameIn(record(properties.traits)) : undefined,
    company: words(record(traits.company).name),
  };
  const preferences: Preferences = {};
  for (const name of preferenceNames) {
    const value = values[name];
    if (value !== undefined) preferences[name] = { value, atMs };
  }
  return preferences;
}

export function mergePreferences(one: Preferences, other: Preferences): Preferences {
  const merged: Preferences = { ...one };
  for (const name of preferenceNames) {
    const [current, candidate] = [merged[name], other[name]];
    if (candidate && (!current || isLater(candidate, current))) merged[name] = candidate;
  }
  return merged;
}

/** What the customer is called: the stated name, else the one in mails. */
export function nameOf({ name, displayName }: Pick<Preferences, 'name' | 'displayName'>): string | undefined {
  return (name ?? displayName)?.value;
}

/** What is known, as profile and context show it. A stated language holds against what the device reports. */
export function preferencesShown({ language, locale, timeZone, ...names }: Preferences): {
  name?: string;
  language?: string;
  timeZone?: string;
} {
  const spoken = language ?? locale;
  const name = nameOf(names);
  return {
    ...(name === undefined ? {} : { name }),
    ...(spoken && { language: spoken.value }),
    ...(timeZone && { timeZone: timeZone.value }),
  };
}

function isLater(one: Stated, other: Stated): boolean {
  return one.atMs > other.atMs || (one.atMs === other.atMs && one.value > other.value);
}

function nameIn(traits: Record<string, unknown>): string | undefined {
  const full = words(traits.name);
  const name = full ?? [words(traits.firstName), words(traits.lastName)].filter((part) => part !== undefined).join(' ');
  return name === '' ? undefined : name;
}

function words(value: unknown): string | undefined {
  const text = typeof value === 'string' ? cutText(value, nameLength) : '';
  return text === '' ? undefined : text;
}

function matching(value: unknown, pattern: RegExp): string | undefined {
  return typeof value === 'string' && value.length <= 64 && pattern.test(value) ? value : undefined;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
