import { escapeHtml } from '../../shared/platform/page.ts';
import { curlExample } from './curlExample.ts';
import type { Example } from './examples.ts';
import {
  type DescribedOperation,
  nameOf,
  type OpenApiDocument,
  type Response,
  type Schema,
} from './openApiDocument.ts';
import { fieldItem, type Side, schemaFields, typeOf } from './schemaFields.ts';

export interface SectionOptions {
  method: string;
  path: string;
  operation: DescribedOperation;
  example: Example;
  document: OpenApiDocument;
}

/** All that a caller needs to know of one operation. */
export function operationSection({ method, path, operation, example, document }: SectionOptions): string {
  const { operationId, summary } = operation;
  const command = escapeHtml(curlExample({ method, path, operation, example }));
  return `<section class="operation" id="${operationId}" aria-labelledby="${operationId}-name">
<h3 id="${operationId}-name"><a href="#${operationId}">${escapeHtml(summary)}</a></h3>
<p class="route"><b class="${method.toLowerCase()}">${method}</b> <code>${breakable(path)}</code></p>
<div class="columns"><div>
${credential(operation, document)}
${parameters(operation)}
${request(operation, document)}
${answer(operation, document)}
${errors(operation)}
</div><div class="example">
<pre tabindex="0" role="region" aria-label="Example of ${escapeHtml(summary)}"><code>${command}</code></pre>
${kept(example)}
</div></div>
</section>`;
}

function credential({ security }: DescribedOperation, { components }: OpenApiDocument): string {
  if (security.length === 0) return part('Credential', '<p>None.</p>');
  const scopes = new Set(security.flatMap((choice) => Object.values(choice).flat()));
  const ways = security.flatMap((choice) => Object.keys(choice)).map((name) => schemeLink(name, components));
  const needed = [...scopes].map((scope) => `a key with the scope <code>${escapeHtml(scope)}</code>`).join('');
  return part('Credential', `<p>${needed === '' ? '' : `${upperFirst(needed)}, as `}${ways.join(', ')}</p>`);
}

function schemeLink(name: string, { securitySchemes }: OpenApiDocument['components']): string {
  const scheme = securitySchemes[name];
  return `<a href="#credential-${escapeHtml(name)}">${escapeHtml(scheme === undefined ? name : schemeName(scheme))}</a>`;
}

/** How a credential is called where it is listed and where it is asked for. */
export function schemeName({ type, scheme, name = '', in: place, bearerFormat }: SchemeLike): string {
  if (type === 'http') return scheme === 'basic' ? 'Basic' : bearerFormat === undefined ? 'Bearer' : 'Bearer token';
  return place === 'query' ? `?${name}=` : name;
}

type SchemeLike = OpenApiDocument['components']['securitySchemes'][string];

function parameters({ parameters: all = [] }: DescribedOperation): string {
  const places = { path: 'In the path', query: 'In the query', header: 'Headers' } as const;
  return (['path', 'query', 'header'] as const)
    .map((place) => {
      const items = all
        .filter((parameter) => parameter.in === place)
        .map(({ name, required, description, schema }) => {
          const field = description === undefined ? schema : { ...schema, description };
          return fieldItem({ name, field, isRequired: required && place !== 'path', side: 'request' });
        });
      return items.length === 0 ? '' : part(places[place], `<ul class="fields">${items.join('')}</ul>`);
    })
    .join('');
}

function request({ requestBody }: DescribedOperation, document: OpenApiDocument): string {
  if (requestBody === undefined) return '';
  const [[type, { schema }] = ['', { schema: {} }]] = Object.entries(requestBody.content);
  const title = `Body${requestBody.required ? '' : ', may be left out'}`;
  return part(title, body(type, schema, 'request', document));
}

function answer({ responses }: DescribedOperation, document: OpenApiDocument): string {
  return Object.entries(responses)
    .filter((entry): entry is [string, Response] => !('$ref' in entry[1]))
    .map(([status, { description, content }]) => {
      const [[type, { schema }] = ['', { schema: {} }]] = Object.entries(content);
      return part(`Answer ${status}`, `<p>${escapeHtml(description)}.</p>${body(type, schema, 'answer', document)}`);
    })
    .join('');
}

/** A named schema is unfolded here; what it names in turn is led to. */
function body(contentType: string, schema: Schema, side: Side, { components }: OpenApiDocument): string {
  const named = schema.$ref === undefined ? schema : components.schemas[nameOf(schema.$ref)];
  const fields = named === undefined ? '' : schemaFields(named, side);
  const type = schema.$ref === undefined && fields !== '' ? '' : ` ${typeOf(schema)}`;
  return `<p class="content"><code>${escapeHtml(contentType)}</code>${type}</p>${fields}`;
}

function errors({ responses }: DescribedOperation): string {
  const links = Object.entries(responses).flatMap(([status, response]) => {
    if (!('$ref' in response)) return [];
    const name = nameOf(response.$ref);
    return [`<a href="#error-${name}">${status === 'default' ? '429 and 5xx' : status}</a>`];
  });
  return part('Errors', `<p>${links.join(', ')}</p>`);
}

function kept({ keeps = {} }: Example): string {
  return Object.entries(keeps)
    .map(([name, place]) => {
      const path = place.replace(/\.(\d+)/g, '[$1]');
      return `<p class="keeps"><code>$${name}</code> of later examples is <code>${escapeHtml(path)}</code> of this answer.</p>`;
    })
    .join('');
}

function part(title: string, content: string): string {
  return `<h4>${title}</h4>${content}`;
}

/** Long paths may break after a slash. */
function breakable(path: string): string {
  return escapeHtml(path).replaceAll('/', '/<wbr>');
}

function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
