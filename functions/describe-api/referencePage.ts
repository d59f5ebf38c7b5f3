import { createHash } from 'node:crypto';
import { escapeHtml } from '../../shared/platform/page.ts';
import type { Example } from './examples.ts';
import { type DescribedOperation, nameOf, type OpenApiDocument } from './openApiDocument.ts';
import { operationSection, schemeName } from './operationSection.ts';
import { referenceStyle } from './referenceStyle.ts';
import { escapeMarked, schemaAnchor, schemaFields, typeOf } from './schemaFields.ts';

/**
 * The OpenAPI document as one page for people, grouped by who calls. It loads nothing and runs no script.
 * `examples` holds the call of each operation by its id.
 */
export function referencePage(document: OpenApiDocument, examples: Record<string, Example>): string {
  const { info, tags } = document;
  const all = Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const groups = tags.map((tag) => ({ tag, calls: all.filter(({ operation }) => operation.tags.includes(tag.name)) }));
  const sections = groups.map(
    ({ tag, calls }) => `<section class="group" id="${tag.name}" aria-labelledby="${tag.name}-name">
<h2 id="${tag.name}-name">${escapeHtml(tag['x-displayName'])}</h2>
<p>${escapeHtml(tag.description)}.</p>
${calls.map((call) => operationSection({ ...call, document, example: examples[call.operation.operationId] ?? {} })).join('\n')}
</section>`,
  );
  const title = `${info.title} API`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${referenceStyle}</style>
</head>
<body>
<a class="skip" href="#content">To the operations</a>
<nav aria-label="Operations">
<p class="brand">${escapeHtml(title)} <span>${escapeHtml(info.version)}</span></p>
<ul>
<li><a href="#begin">How to begin</a></li>
${groups.map(({ tag, calls }) => `<li><a href="#${tag.name}">${escapeHtml(tag['x-displayName'])}</a><ul>${calls.map(entry).join('')}</ul></li>`).join('\n')}
<li><a href="#errors">Errors</a></li>
<li><a href="#schemas">Schemas</a></li>
</ul>
</nav>
<main id="content">
${beginning(document, title)}
${sections.join('\n')}
${errorSection(document, all)}
${schemaSection(document)}
</main>
</body>
</html>
`;
}

function entry({ operation: { operationId } }: { operation: DescribedOperation }): string {
  return `<li><a href="#${operationId}">${inWords(operationId)}</a></li>`;
}

/** `findCustomers`: Find customers. */
function inWords(operationId: string): string {
  const words = operationId.replace(/[A-Z](?=[a-z])/g, (letter) => ` ${letter.toLowerCase()}`);
  return escapeHtml(words.slice(0, 1).toUpperCase() + words.slice(1));
}

function beginning({ info, components }: OpenApiDocument, title: string): string {
  const credentials = Object.entries(components.securitySchemes).map(
    ([name, scheme]) =>
      `<li id="credential-${escapeHtml(name)}"><code class="name">${escapeHtml(schemeName(scheme))}</code><p>${escapeMarked(scheme.description)}</p></li>`,
  );
  return `<section id="begin">
<h1>${escapeHtml(title)}</h1>
<p class="lead">${escapeHtml(info.description)}</p>
<p>This page is made of <a href="openapi.json">openapi.json</a>, and that of the very schemas that check each request. The examples run in a shell as they stand: of a platform on your own machine take address and keys by</p>
<pre tabindex="0" role="region" aria-label="Taking the keys"><code>eval "$(npm run --silent keys)"</code></pre>
<p>For a deployment set <code>api</code> to its address and the keys to those that the deployment printed.</p>
<h2>Credentials</h2>
<ul class="fields">${credentials.join('')}</ul>
</section>`;
}

function errorSection({ components }: OpenApiDocument, all: { operation: DescribedOperation }[]): string {
  const statusOf = new Map<string, string>();
  for (const { operation } of all) {
    for (const [status, response] of Object.entries(operation.responses)) {
      if ('$ref' in response) statusOf.set(nameOf(response.$ref), status === 'default' ? '429, 5xx' : status);
    }
  }
  const items = Object.entries(components.responses).map(
    ([name, { description }]) =>
      `<li id="error-${name}"><code class="name">${statusOf.get(name) ?? ''}</code><p>${escapeMarked(description)}</p></li>`,
  );
  return `<section id="errors" aria-labelledby="errors-name">
<h2 id="errors-name">Errors</h2>
<p>Each is a problem document by RFC 9457, <code>application/problem+json</code>: <a href="#${schemaAnchor('Problem')}">Problem</a>. Only what the gateway itself refuses, such as too many requests, has a body of its own.</p>
<ul class="fields">${items.join('')}</ul>
</section>`;
}

function schemaSection({ components }: OpenApiDocument): string {
  const parts = Object.entries(components.schemas).map(([name, schema]) => {
    // What only requests name says what must be sent.
    const side = /Request$|Call$/.test(name) ? 'request' : 'answer';
    const fields = schemaFields(schema, side);
    return `<section class="schema" id="${schemaAnchor(name)}"><h3>${escapeHtml(name)}</h3>${fields === '' ? `<p>${typeOf(schema)}</p>` : fields}</section>`;
  });
  return `<section id="schemas" aria-labelledby="schemas-name">
<h2 id="schemas-name">Schemas</h2>
<p>Times are ISO 8601 in UTC. Fields may be added to answers: ignore what you do not know.</p>
${parts.join('\n')}
</section>`;
}

const styleHash = createHash('sha256').update(referenceStyle).digest('base64');

/** Nothing is loaded and nobody frames it. */
export const referenceHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'public, max-age=300',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
