import { signTwilio } from './signTwilio.ts';

/** The platform's doors as the outside world uses them, each with the credential that belongs to it. */
export interface FrontDoors {
  /** Lets the functions behind the doors start, all at once instead of one after the other. */
  open(): Promise<void>;
  /** A page of the website, with the browser write key. */
  browser(path: string, body: unknown): Promise<Answer>;
  /** The practice's own server. */
  server(path: string, body: unknown): Promise<Answer>;
  /** The widget, with the token of its session. */
  widget(token: string, path: string, body: unknown): Promise<Answer>;
  readWidget(token: string, path: string): Promise<Answer>;
  /** An agent's console. */
  read(path: string): Promise<Answer>;
  answer(path: string, body: unknown): Promise<Answer>;
  /** The telephone system asks who calls. */
  lookup(number: string): Promise<Answer>;
  /** A signed form, as Twilio posts it. */
  telephone(path: string, parameters: Record<string, string>): Promise<void>;
  /** What lies in the customer's mailbox, the newest first. */
  mailsTo(address: string): Promise<{ raw: string }[]>;
  /** A mail as it arrives at the practice's mail server; the sender's domain vouches for it. */
  mail(envelope: { from: string; recipient: string }, message: string): Promise<void>;
}

type Answer = Record<string, unknown>;

export function createFrontDoors(url: string, keys: Readonly<Record<string, string>>): FrontDoors {
  const key = (name: string) => keys[name] ?? '';
  const basic = (name: string) => ({ authorization: `Basic ${Buffer.from(`${key(name)}:`).toString('base64')}` });
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });

  async function send(path: string, init: RequestInit): Promise<Response> {
    const response = await fetch(url + path, init);
    if (response.ok) return response;
    const door = `${init.method} ${path.replace(/\?.*/, '')}`;
    throw new Error(`the demo's ${door} was answered ${response.status}: ${await response.text()}`);
  }

  async function post(path: string, headers: Record<string, string>, body: unknown): Promise<Answer> {
    const init = { method: 'POST', headers: { 'content-type': 'application/json', ...headers } };
    return (await (await send(path, { ...init, body: JSON.stringify(body) })).json()) as Answer;
  }

  async function get(path: string, headers: Record<string, string>): Promise<Answer> {
    return (await (await send(path, { method: 'GET', headers })).json()) as Answer;
  }

  return {
    open: async () => {
      await Promise.allSettled([
        send('/widget/session', { method: 'OPTIONS' }),
        get('/lookup?number=withheld', bearer(key('lookupKey'))),
        get('/customers?identifier=userId:nobody', bearer(key('agentApiKey'))),
        send('/voice/twilio/status', { method: 'POST' }),
      ]);
    },
    browser: (path, body) => post(path, basic('browserWriteKey'), body),
    server: (path, body) => post(path, basic('serverWriteKey'), body),
    widget: (token, path, body) => post(path, bearer(token), body),
    answer: (path, body) => post(path, bearer(key('agentApiKey')), body),
    readWidget: (token, path) => get(path, bearer(token)),
    read: (path) => get(path, bearer(key('agentApiKey'))),
    lookup: (number) => get(`/lookup?${new URLSearchParams({ number })}`, bearer(key('lookupKey'))),
    mailsTo: async (to) =>
      (await get(`/_local/mailbox?${new URLSearchParams({ to })}`, {})).messages as { raw: string }[],
    telephone: async (path, parameters) => {
      const signature = signTwilio(key('twilioAuthToken'), url + path, parameters);
      const init = { method: 'POST', headers: { 'x-twilio-signature': signature } };
      await send(path, { ...init, body: new URLSearchParams(parameters) });
    },
    mail: async ({ from, recipient }, message) => {
      const query = new URLSearchParams({ from, recipient, spf: 'PASS', dkim: 'PASS', dmarc: 'PASS' });
      const init = { method: 'POST', headers: { 'content-type': 'message/rfc822' } };
      await send(`/_local/email?${query}`, { ...init, body: message });
    },
  };
}
