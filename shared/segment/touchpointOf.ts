import type { ParsedEvent } from './parseEvent.ts';

const maxLength = 200;

/**
 * Where the customer was: the path of the page, without the query, which may carry personal data; else the library
 * that reported the event; else its source.
 */
export function touchpointOf(event: ParsedEvent, sourceName: string): string {
  const properties = event.type === 'page' ? event.properties : {};
  const page = fieldsOf(event.context.page);
  const place =
    pathOf(properties.path) ??
    pathOf(properties.url) ??
    pathOf(page.path) ??
    pathOf(page.url) ??
    textOf(fieldsOf(event.context.library).name) ??
    sourceName;
  return place.slice(0, maxLength).toWellFormed();
}

/** The path of a URL or of a path that was sent with its query or fragment. */
function pathOf(value: unknown): string | undefined {
  const text = textOf(value);
  if (text === undefined) return undefined;
  const path = text.startsWith('/') ? text : URL.parse(text)?.pathname;
  return path?.split(/[?#]/)[0] || undefined;
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : undefined;
}
