import { describe, expect, it } from 'vitest';
import { curlExample } from '../../functions/describe-api/curlExample.ts';
import { examples } from '../../functions/describe-api/examples.ts';
import type { DescribedOperation, OpenApiDocument, Schema } from '../../functions/describe-api/openApiDocument.ts';
import { referenceHeaders, referencePage } from '../../functions/describe-api/referencePage.ts';
import { createOpenApi } from '../../shared/contracts/openApi.ts';
import { type Operation, operations } from '../../shared/contracts/operations.ts';

const document = JSON.parse(JSON.stringify(createOpenApi(operations, { version: '0.1.0' }))) as OpenApiDocument;
const page = referencePage(document, examples);
const described: [path: string, method: string, operation: DescribedOperation][] = Object.entries(
  document.paths,
).flatMap(([path, item]) =>
  Object.entries(item).map(([method, operation]): [string, string, DescribedOperation] => [path, method, operation]),
);

describe('the API reference', () => {
  it('shows every operation of the OpenAPI document under its method, path and summary', () => {
    expect(described.length).toBeGreaterThan(30);
    for (const [path, method, { operationId, summary }] of described) {
      const text = textOf(sectionOf(operationId));
      expect(text).toContain(`${method.toUpperCase()} ${path}`);
      expect(text).toContain(summary);
    }
  });

  it('names every parameter, and every field of what is sent and answered', () => {
    for (const [, , operation] of described) {
      const named = namesIn(sectionOf(operation.operationId));
      const bodies = [operation.requestBody, ...Object.values(operation.responses)].flatMap((body) =>
        body !== undefined && 'content' in body ? Object.values(body.content) : [],
      );
      const wanted = bodies.flatMap(({ schema }) => fieldsOf(schema.$ref ? resolve(schema.$ref) : schema));
      const parameters = (operation.parameters ?? []).map(({ name }) => name);
      expect([...wanted, ...parameters].filter((name) => !named.includes(name))).toEqual([]);
    }
  });

  it('lists every named schema with all its fields', () => {
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      expect(namesIn(sectionOf(`schema-${name}`)).sort(), name).toEqual(fieldsOf(schema).sort());
    }
  });

  it('says which credential is asked for, with its scope, and which errors there are', () => {
    expect(textOf(sectionOf('getCustomer'))).toContain('A key with the scope customers:read, as Bearer, X-Api-Key');
    expect(textOf(sectionOf('getHealth'))).toContain('Credential None.');
    expect(textOf(sectionOf('linkIdentifiers'))).toContain('Errors 400, 401, 403, 404, 409, 413, 429 and 5xx');
  });

  it('says bounds, defaults and what must be sent in words', () => {
    const text = textOf(sectionOf('listConversations'));
    expect(text).toContain('status "open", "pending", "snoozed" or "resolved" "open" by default');
    expect(text).toContain('limit integer 1 to 100; 50 by default');
    expect(textOf(sectionOf('sendWidgetMessage'))).toContain('text string required 1 to 10,000 characters');
    expect(textOf(sectionOf('getCustomer'))).toContain('byChannel object of integer by name');
  });

  it('says what fields mean where the contracts say it', () => {
    expect(textOf(sectionOf('linkIdentifiers'))).toContain(
      'a string required type:value, or claim:type:value for what',
    );
    expect(textOf(sectionOf('schema-Interaction'))).toContain('touchpoint string Where the customer was: a page path');
  });

  it('is well-formed: every element is closed where it was opened, no id is given twice, no link leads nowhere', () => {
    expect(faultsOf(page)).toEqual([]);
    const ids = [...page.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    expect(ids.length).toBe(new Set(ids).size);
    const links = [...page.matchAll(/ (?:href="#|aria-labelledby=")([^"]+)"/g)].map(([, id]) => id);
    expect(links.length).toBeGreaterThan(200);
    expect(links.filter((id) => !ids.includes(id))).toEqual([]);
  });

  it('shows what the document says as text, whatever it is', () => {
    const hostile = '<script>alert("&")</script>';
    const [, , operation] = described[0] ?? [];
    const changed: OpenApiDocument = {
      ...document,
      info: { ...document.info, title: hostile, description: hostile },
      tags: [{ name: 'events', 'x-displayName': hostile, description: hostile }],
      paths: {
        '/x<y>': {
          get: {
            ...(operation as DescribedOperation),
            summary: hostile,
            parameters: [
              { name: hostile, in: 'query', required: true, schema: { enum: [hostile], pattern: hostile } },
              { name: 'a', in: 'query', required: true, description: hostile, schema: { type: 'string' } },
            ],
          },
        },
      },
    };
    const shown = referencePage(changed, { collectEvent: { body: { text: hostile } } });
    expect(shown).not.toContain('<script');
    expect(shown).toContain('&lt;script&gt;alert(&quot;&amp;&quot;)&lt;/script&gt;');
    expect(faultsOf(shown)).toEqual([]);
  });

  it('loads nothing and runs nothing, and its headers forbid both', () => {
    expect(page).not.toMatch(/<script|<link|<img|<iframe| src=| style=| on[a-z]+=|@import|url\(/i);
    expect(referenceHeaders['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/=]{44}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'$/,
    );
  });
});

describe('the examples', () => {
  const all: readonly Operation[] = operations;

  it.each(all.filter(({ hidden }) => !hidden).map((operation) => [operation.operationId, operation] as const))(
    'of %s is a valid request',
    (operationId, { body, bodyIsOptional, bodyType, query, headers }) => {
      const example = examples[operationId as keyof typeof examples];
      if (body && !bodyIsOptional) expect(body.safeParse(bodyType ? example.form : example.body).error).toBeUndefined();
      const sent = Object.fromEntries(new URLSearchParams(example.query));
      if (query) expect(query.strict().safeParse(sent).error).toBeUndefined();
      else expect(example.query).toBeUndefined();
      if (example.headers) expect(headers?.strict().safeParse(example.headers).error).toBeUndefined();
    },
  );

  it('are shell commands in which keys and earlier answers are variables', () => {
    const operation = { security: [{ bearerKey: ['conversations:write'] }] };
    const call = { method: 'POST', path: '/conversations/{conversationId}/merge', operation };
    expect(curlExample({ ...call, example: { body: { into: '$conversationId', reason: "it's hers" } } })).toBe(
      [
        `curl "$api/conversations/$conversationId/merge" \\`,
        `  -H "authorization: Bearer $agentApiKey" \\`,
        `  -d '{"into":"'$conversationId'","reason":"it'\\''s hers"}'`,
      ].join('\n'),
    );
    expect(curlExample({ ...call, path: '/health', method: 'GET', operation: { security: [] }, example: {} })).toBe(
      'curl "$api/health"',
    );
  });
});

function resolve(reference: string): Schema {
  return document.components.schemas[reference.replace('#/components/schemas/', '')] ?? {};
}

/** Names of all fields that stand in the schema itself; named schemas have a place of their own. */
function fieldsOf({ properties = {}, items, anyOf = [], prefixItems = [], additionalProperties }: Schema): string[] {
  const inner = [items, additionalProperties, ...anyOf, ...prefixItems].flatMap((one) => (one ? fieldsOf(one) : []));
  return [...inner, ...Object.entries(properties).flatMap(([name, field]) => [name, ...fieldsOf(field)])];
}

function sectionOf(id: string): string {
  const start = page.search(new RegExp(`<section class="[a-z]+" id="${id}"`));
  expect(start, id).toBeGreaterThan(-1);
  return page.slice(start, page.indexOf('</section>', start));
}

function namesIn(html: string): string[] {
  return [...html.matchAll(/<code class="name">([^<]*)<\/code>/g)].map(([, name = '']) => unescaped(name));
}

function textOf(html: string): string {
  const spaced = html.replace(/<(?:p|h\d|li|ul|div|pre|section)\b[^>]*>/g, ' ').replace(/<[^>]*>/g, '');
  return unescaped(spaced).replace(/\s+/g, ' ').trim();
}

function unescaped(html: string): string {
  const characters: Record<string, string> = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
  return html.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => characters[name] ?? '');
}

/** What a strict reader would complain about: elements that cross or stay open, bare brackets and ampersands. */
function faultsOf(html: string): string[] {
  const faults: string[] = [];
  const open: string[] = [];
  const withoutStyle = html.replace(/<style>[^<]*<\/style>/, '');
  for (const [tag, slash, name = ''] of withoutStyle.matchAll(/<(\/?)([a-z]+\d?)(?: [a-z-]+="[^"<>]*")*>/g)) {
    if (['meta', 'wbr'].includes(name)) continue;
    if (slash === '') open.push(name);
    else if (open.pop() !== name) faults.push(`${tag} closes what is not open`);
  }
  const rest = withoutStyle.replace(/<!doctype html>|<\/?[a-z]+\d?(?: [a-z-]+="[^"<>]*")*>/g, '');
  faults.push(...(rest.match(/[<>].{0,20}|&(?!(?:lt|gt|quot|#39|amp);).{0,20}/g) ?? []));
  return [...faults, ...open.map((name) => `${name} stays open`)];
}
