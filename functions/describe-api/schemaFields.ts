import { escapeHtml } from '../../shared/platform/page.ts';
import { nameOf, type Schema } from './openApiDocument.ts';

/** Of a request it is worth saying what must be sent, of an answer what may be missing. */
export type Side = 'request' | 'answer';

/** A list of the fields, one within the other; a schema that has a name of its own is led to. Empty where none are known. */
export function schemaFields(schema: Schema, side: Side): string {
  const fields = Object.entries(schema.properties ?? {});
  if (fields.length === 0) {
    const inner = innerOf(schema);
    return inner === undefined ? '' : schemaFields(inner, side);
  }
  const required = new Set(schema.required);
  return `<ul class="fields">${fields.map(([name, field]) => fieldItem({ name, field, isRequired: required.has(name), side })).join('')}</ul>`;
}

interface Field {
  name: string;
  field: Schema;
  isRequired: boolean;
  side: Side;
}

/** One field or parameter: its name, type and bounds, then what lies within. */
export function fieldItem({ name, field, isRequired, side }: Field): string {
  const said = [field.description ? escapeMarked(field.description) : '', ...boundsOf(field).map(escapeHtml)];
  const about = said.filter((part) => part !== '').join('; ');
  return `<li><code class="name">${escapeHtml(name)}</code> <span class="type">${typeOf(field)}</span>${needOf(isRequired, side)}${
    about === '' ? '' : `<p>${about}</p>`
  }${schemaFields(field, side)}</li>`;
}

function needOf(isRequired: boolean, side: Side): string {
  if (side === 'request') return isRequired ? ' <em class="need">required</em>' : '';
  return isRequired ? '' : ' <em>may be missing</em>';
}

/** Where a list, a choice or a map has objects in it: those. */
function innerOf({ items, anyOf, prefixItems, additionalProperties }: Schema): Schema | undefined {
  return [items, additionalProperties, ...(anyOf ?? []), ...(prefixItems ?? [])].find(
    (inner) => inner !== undefined && inner.$ref === undefined && (inner.properties ?? innerOf(inner)) !== undefined,
  );
}

/** The type in words, as HTML. */
export function typeOf(schema: Schema): string {
  const { $ref, type, format, items, anyOf, prefixItems, additionalProperties, properties } = schema;
  if ($ref !== undefined) return `<a href="#${schemaAnchor(nameOf($ref))}">${escapeHtml(nameOf($ref))}</a>`;
  if (schema.enum !== undefined) return choice(schema.enum.map(literal));
  if (schema.const !== undefined) return literal(schema.const);
  if (anyOf !== undefined) return choice(anyOf.map(typeOf));
  if (prefixItems !== undefined) return `[${prefixItems.map(typeOf).join(', ')}]`;
  if (Array.isArray(type)) return choice(type.map(escapeHtml));
  if (type === 'array') return `array of ${items === undefined || isAnything(items) ? 'anything' : typeOf(items)}`;
  if (type === 'object' && properties === undefined && additionalProperties !== undefined) {
    return isAnything(additionalProperties) ? 'object' : `object of ${typeOf(additionalProperties)} by name`;
  }
  if (format === 'date-time') return 'time, ISO 8601';
  return escapeHtml(type ?? 'anything');
}

function isAnything(schema: Schema): boolean {
  return Object.keys(schema).length === 0;
}

function choice(words: readonly string[]): string {
  if (words.length <= 1) return words.join('');
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

function literal(value: unknown): string {
  return `<code>${escapeHtml(JSON.stringify(value))}</code>`;
}

function boundsOf(schema: Schema): string[] {
  const { minLength, maxLength, minimum, exclusiveMinimum, maximum, minItems, maxItems, pattern } = schema;
  const inner = (schema.anyOf ?? []).flatMap(boundsOf);
  return [
    ...range(minLength, maxLength, 'characters'),
    ...range(minItems, maxItems, 'entries'),
    ...range(minimum ?? (exclusiveMinimum === undefined ? undefined : exclusiveMinimum + 1), maximum, ''),
    ...(pattern === undefined ? [] : [`matches ${pattern}`]),
    ...(schema.default === undefined || schema.default === '' ? [] : [`${JSON.stringify(schema.default)} by default`]),
    ...inner,
  ];
}

function range(least: number | undefined, most: number | undefined, unit: string): string[] {
  const numbers = new Intl.NumberFormat('en');
  const bound =
    least !== undefined && most !== undefined
      ? `${numbers.format(least)} to ${numbers.format(most)}`
      : most !== undefined
        ? `at most ${numbers.format(most)}`
        : least !== undefined
          ? `at least ${numbers.format(least)}`
          : '';
  return bound === '' ? [] : [`${bound} ${unit}`.trim()];
}

/** Plain words in which backticks mark code. */
export function escapeMarked(text: string): string {
  return escapeHtml(text).replace(/`([^`]+)`/g, '<code>$1</code>');
}

export function schemaAnchor(name: string): string {
  return `schema-${encodeURIComponent(name)}`;
}
