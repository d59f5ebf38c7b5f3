import type { LocalAnswer, LocalHandler, LocalRequest } from '../ports.ts';
import type { Outbox } from '../ses/outbox.ts';
import { type MailView, readMail } from '../ses/readMail.ts';
import { mailboxPage, pagePolicy } from './mailboxPage.ts';

export interface LocalRoute {
  method: string;
  path: string;
  handle: LocalHandler;
}

const mostListed = 200;

/** A mail's own HTML: no script, no request to anywhere; links open beside the mailbox. */
const mailPolicy =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; form-action 'none'; frame-ancestors 'self'";

/**
 * The mailbox: what was sent, newest first, as JSON or, for a browser, as a page. `?to=` keeps the mails to an address,
 * `?limit=` the newest ones.
 */
export function mailboxRoutes(outbox: Outbox): LocalRoute[] {
  const get = (path: string, handle: LocalHandler): LocalRoute => ({ method: 'GET', path, handle });

  async function list(request: LocalRequest): Promise<LocalAnswer> {
    const wantsPage = wantsHtml(request);
    const limit = Number(request.query.get('limit') ?? (wantsPage ? mostListed : Number.POSITIVE_INFINITY));
    const mails = await newest(request.query.get('to'), limit);
    return wantsPage ? page(mailboxPage(mails, mails[0])) : json(200, { messages: mails.map(published) });
  }

  async function newest(to: string | null, limit: number): Promise<MailView[]> {
    const wanted = outbox
      .all()
      .filter(({ recipients }) => to === null || recipients.some((address) => sameAddress(address, to)))
      .toReversed()
      .slice(0, Number.isNaN(limit) ? mostListed : Math.max(0, limit));
    return Promise.all(wanted.map((mail) => readMail(outbox, mail)));
  }

  async function one(request: LocalRequest): Promise<LocalAnswer> {
    const mail = await find(request);
    if (!mail) return notFound(request);
    return wantsHtml(request) ? page(mailboxPage(await newest(null, mostListed), mail)) : json(200, published(mail));
  }

  async function find({ parameters }: LocalRequest): Promise<MailView | undefined> {
    const mail = outbox.get(parameters.id ?? '');
    return mail && readMail(outbox, mail);
  }

  async function htmlPart(request: LocalRequest): Promise<LocalAnswer> {
    const html = (await find(request))?.html;
    if (typeof html !== 'string') return notFound(request);
    return page(`<base target="_blank">${html}`, mailPolicy);
  }

  async function source(request: LocalRequest): Promise<LocalAnswer> {
    const mail = await find(request);
    if (!mail) return notFound(request);
    return { ...page(mail.raw), headers: { ...safeHeaders(pagePolicy), 'content-type': 'text/plain; charset=utf-8' } };
  }

  return [
    get('/_local/mailbox', list),
    get('/_local/mailbox/{id}', one),
    get('/_local/mailbox/{id}/html', htmlPart),
    get('/_local/mailbox/{id}/raw', source),
  ];
}

function published({ id, at, from, to, subject, text, html, raw }: MailView) {
  return { id, at, from, to, subject, text, html, raw };
}

function sameAddress(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

function wantsHtml({ headers }: LocalRequest): boolean {
  return (headers.accept ?? '').includes('text/html');
}

function page(body: string, policy = pagePolicy): LocalAnswer {
  return { status: 200, headers: { ...safeHeaders(policy), 'content-type': 'text/html; charset=utf-8' }, body };
}

function safeHeaders(policy: string): Record<string, string> {
  return {
    'content-security-policy': policy,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    vary: 'accept',
  };
}

function json(status: number, body: unknown): LocalAnswer {
  const headers = { 'content-type': 'application/json', 'cache-control': 'no-store', vary: 'accept' };
  return { status, headers, body: JSON.stringify(body) };
}

function notFound({ path }: LocalRequest): LocalAnswer {
  const problem = { type: 'about:blank', title: 'Not Found', status: 404, detail: 'No such mail.', instance: path };
  return { ...json(404, problem), headers: { 'content-type': 'application/problem+json' } };
}
