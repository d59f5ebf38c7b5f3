import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** A page or file that the local platform serves beside the API. */
export interface PageAnswer {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const consoleDir = fileURLToPath(new URL('../../web/console/', import.meta.url));

/** Only our own files, no inline code: what a customer wrote can never run in the page. */
const contentSecurityPolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/**
 * The console's pages and files by path. Scripts are bundled on the first request, so that starting stays fast.
 * `visitorIdentifier` is whom `/demo/visitor` shows; undefined without demo data.
 */
export function createConsolePages(
  visitorIdentifier: () => string | undefined,
): Record<string, () => Promise<PageAnswer>> {
  let scripts: Promise<Map<string, string>> | undefined;
  const script = (name: string) => async () => {
    scripts ??= bundleScripts();
    return answer('text/javascript; charset=utf-8', (await scripts).get(name) ?? '');
  };
  const page = (name: string) => async () =>
    answer('text/html; charset=utf-8', await readFile(`${consoleDir}${name}`, 'utf8'));
  const style = (name: string) => async () =>
    answer('text/css; charset=utf-8', await readFile(`${consoleDir}${name}`, 'utf8'));
  return {
    '/': page('index.html'),
    '/console/customer': page('customer.html'),
    '/console/inbox': page('inbox.html'),
    '/console/conversation': page('conversation.html'),
    '/demo/ring': page('ring.html'),
    '/console/console.css': style('console.css'),
    '/console/conversation.css': style('conversation.css'),
    '/console/start.js': script('start.js'),
    '/console/customer.js': script('customer.js'),
    '/console/inbox.js': script('inbox.js'),
    '/console/conversation.js': script('conversation.js'),
    '/console/ring.js': script('ring.js'),
    '/demo/visitor': async () => {
      const identifier = visitorIdentifier();
      return identifier === undefined
        ? { ...answer('text/plain; charset=utf-8', 'Started without demo data.'), status: 404 }
        : {
            status: 302,
            headers: { location: `/console/customer?identifier=${encodeURIComponent(identifier)}` },
            body: '',
          };
    },
  };
}

async function bundleScripts(): Promise<Map<string, string>> {
  const { outputFiles } = await build({
    entryPoints: ['start', 'customer', 'inbox', 'conversation', 'ring'].map((name) => `${consoleDir}${name}.ts`),
    bundle: true,
    write: false,
    format: 'esm',
    target: 'es2022',
    outdir: '/',
    logLevel: 'silent',
  });
  return new Map(outputFiles.map(({ path, text }) => [path.slice(path.lastIndexOf('/') + 1), text]));
}

function answer(contentType: string, body: string): PageAnswer {
  return {
    status: 200,
    headers: {
      'content-type': contentType,
      'content-security-policy': contentSecurityPolicy,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
    },
    body,
  };
}
