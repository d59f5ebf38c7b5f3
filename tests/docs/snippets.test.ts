import { beforeAll, describe, expect, it } from 'vitest';
import { curlExample } from '../../functions/describe-api/curlExample.ts';
import { examples } from '../../functions/describe-api/examples.ts';
import type { OpenApiDocument } from '../../functions/describe-api/openApiDocument.ts';
import { createOpenApi } from '../../shared/contracts/openApi.ts';
import { operations } from '../../shared/contracts/operations.ts';
import { readPages, type Snippet, snippetsOf } from '../support/documents.ts';
import { startTestPlatform, type TestPlatform, waitFor } from '../support/platform.ts';
import { createSnippetShell, type SnippetShell } from '../support/snippetShell.ts';

/*
 * `npm run docs`: what the documents and the API reference tell people to type does what they say. It needs bash, curl
 * and openssl, so it is a step of its own.
 */

let platform: TestPlatform;
let shell: SnippetShell;
beforeAll(async () => {
  platform = await startTestPlatform();
  shell = createSnippetShell(platform);
}, 120_000);

describe('the examples of the API reference', () => {
  const document = createOpenApi(operations, { version: '0.1.0' }) as unknown as OpenApiDocument;
  const known: Record<string, string> = {};

  async function call(operationId: string): Promise<void> {
    const [path, method, operation] = find(operationId);
    const example = examples[operationId as keyof typeof examples];
    const ran = await shell.run(curlExample({ method, path, operation, example }), known);
    expect(ran, `${operationId}: ${ran.output}`).toMatchObject({ code: 0 });
    for (const [name, place] of Object.entries(example.keeps ?? {})) known[name] = at(JSON.parse(ran.output), place);
  }

  function find(operationId: string) {
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        if (operation.operationId === operationId) return [path, method.toUpperCase(), operation] as const;
      }
    }
    throw new Error(`${operationId} is not described`);
  }

  const needsMail = (operationId: string) =>
    JSON.stringify(examples[operationId as keyof typeof examples]).includes('Token"');

  it('run one after the other, each with what the earlier ones told', async () => {
    for (const operationId of Object.keys(examples)) if (!needsMail(operationId)) await call(operationId);
  });

  it('lead out of the mails that these have caused', async () => {
    // An answer in the chat is mailed when it was not read for three minutes.
    platform.clock.advance(4 * 60_000);
    await platform.drain();
    const mails = await waitFor(async () => {
      const { messages } = (await (await fetch(`${platform.url}/_local/mailbox`)).json()) as {
        messages: { raw: string }[];
      };
      const all = messages.map(({ raw }) => raw.replace(/=\r?\n/g, '').replace(/\r?\n[ \t]+/g, '')).join('\n');
      return all.includes('/resume/') && all.includes('/unsubscribe/') ? all : undefined;
    });
    known.resumeToken = tokenIn(mails, 'resume');
    known.unsubscribeToken = tokenIn(mails, 'unsubscribe');
    for (const operationId of Object.keys(examples)) if (needsMail(operationId)) await call(operationId);
  });
});

const pages = readPages().map((page) => [page.path, snippetsOf(page)] as const);
const runs = (language: string) => (snippet: Snippet) => snippet.language === language && snippet.marks.includes('run');

describe('the documents', () => {
  it.each(pages.filter(([, snippets]) => snippets.some(runs('sh'))))(
    '%s says commands that work, one after the other',
    async (_path, snippets) => {
      const commands = snippets.filter(runs('sh')).map(({ code }) => code);
      const ran = await shell.run(commands.join('\n'));
      expect(ran, ran.output).toMatchObject({ code: 0 });
    },
  );

  it.each(pages.flatMap(([path, snippets]) => snippets.filter(runs('ts')).map((snippet) => [path, snippet] as const)))(
    '%s shows a program that works',
    async (_path, snippet) => {
      const ran = await shell.runTypeScript(snippet);
      expect(ran, ran.output).toMatchObject({ code: 0 });
    },
  );

  it.each(pages.filter(([, snippets]) => snippets.some(({ language }) => language === 'sh')))(
    '%s says what a shell understands',
    async (_path, snippets) => {
      const commands = snippets.filter(({ language }) => language === 'sh').map(({ code }) => code);
      const ran = await shell.run(`bash -n <<'END_OF_SNIPPETS'\n${commands.join('\n')}\nEND_OF_SNIPPETS`);
      expect(ran).toEqual({ code: 0, output: '' });
    },
  );
});

function at(answer: unknown, place: string): string {
  let value = answer;
  for (const key of place.split('.')) value = Object(value)[key];
  if (typeof value !== 'string') throw new Error(`${place} is not in the answer`);
  return value;
}

function tokenIn(mails: string, page: string): string {
  const token = new RegExp(`/${page}/([\\w.~-]+)`).exec(mails)?.[1];
  if (token === undefined) throw new Error(`no mail leads to /${page}`);
  return token;
}
