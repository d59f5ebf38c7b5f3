import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect, vi } from 'vitest';
import { startGateway } from '../../../local/gateway/startGateway.ts';
import type { InvocationResult } from '../../../local/ports.ts';
import { practiceDirectory, startTestPlatform } from '../../support/platform.ts';
import { contract } from './contract.ts';

const { clock, url } = await startTestPlatform({ templateDir: practiceDirectory });
const gateway = 'https://docs.aws.amazon.com/apigateway/latest/developerguide';
const integration = `${gateway}/http-api-develop-integrations-lambda.html` as const;
const quotas = `${gateway}/http-api-quotas.html` as const;

interface Echo {
  event: APIGatewayProxyEventV2;
}

const echo = async (path: string, init?: RequestInit) => (await (await fetch(url + path, init)).json()) as Echo;
const post = (type: string | undefined, body: string | Uint8Array<ArrayBuffer>, more: Record<string, string> = {}) =>
  echo('/body', {
    method: 'POST',
    body: new Blob([body]),
    headers: { ...(type && { 'content-type': type }), ...more },
  });
/** A request that `fetch` would not send as it stands. */
async function send(target: string, headers: Record<string, string | string[]>): Promise<IncomingMessage> {
  const outgoing = httpRequest(target, { headers }).end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return incoming;
}

contract('HTTP API', [
  {
    behaviour: 'a request becomes the event of payload format 2.0',
    source: integration,
    test: async () => {
      const nowMs = clock.now();
      const { event } = await echo('/animals/M%C3%BCller%20cat?tag=a&tag=b&name=x%20y', {
        headers: { 'X-Animal': 'cat', cookie: 'a=1; b=2' },
      });
      expect(event).toMatchObject({
        version: '2.0',
        routeKey: 'GET /animals/{id}',
        rawPath: '/animals/Müller cat',
        rawQueryString: 'tag=a&tag=b&name=x%20y',
        cookies: ['a=1', 'b=2'],
        headers: { 'x-animal': 'cat', 'x-forwarded-for': '127.0.0.1', 'x-forwarded-proto': 'http' },
        queryStringParameters: { tag: 'a,b', name: 'x y' },
        pathParameters: { id: 'Müller cat' },
        requestContext: {
          accountId: '000000000000',
          domainName: 'localhost',
          http: { method: 'GET', path: '/animals/Müller cat', protocol: 'HTTP/1.1', sourceIp: '127.0.0.1' },
          routeKey: 'GET /animals/{id}',
          stage: '$default',
        },
        isBase64Encoded: false,
      });
      expect(event.headers).not.toHaveProperty('cookie');
      expect(event).not.toHaveProperty('body');
      expect(event.requestContext.timeEpoch - nowMs).toBeLessThan(5_000);
      expect(event.requestContext.time).toMatch(/^\d{2}\/[A-Z][a-z]{2}\/\d{4}:\d{2}:\d{2}:\d{2} \+0000$/);
    },
  },
  {
    behaviour: 'repeated headers are joined by commas',
    source: integration,
    test: async () => {
      const { event } = JSON.parse(await text(await send(`${url}/repeated`, { 'x-tag': ['one', 'two'] }))) as Echo;
      expect(event.headers['x-tag']).toBe('one,two');
    },
  },
  {
    behaviour: 'text passes as it is; forms, unnamed types and anything else pass as base64',
    source: integration,
    test: async () => {
      const asText = [
        'application/json',
        'application/json; charset=utf-8',
        'text/plain',
        'application/xml',
        'application/javascript',
      ];
      for (const type of asText) {
        expect((await post(type, '{"é":1}')).event).toMatchObject({ body: '{"é":1}', isBase64Encoded: false });
      }
      const asBase64 = [
        'application/x-www-form-urlencoded',
        'application/octet-stream',
        'multipart/form-data; boundary=x',
        undefined,
      ];
      for (const type of asBase64) {
        expect((await post(type, 'a=1')).event).toMatchObject({ body: 'YT0x', isBase64Encoded: true });
      }
    },
  },
  {
    behaviour: 'an encoded body passes as base64 whatever its type, byte by byte',
    source: integration,
    test: async () => {
      const { event } = await post('application/json', Uint8Array.of(0x1f, 0x8b, 0xff), { 'content-encoding': 'gzip' });
      expect(event).toMatchObject({ body: 'H4v/', isBase64Encoded: true });
    },
  },
  {
    behaviour: 'status, headers, cookies and binary bodies of a function reach the caller',
    source: integration,
    test: async () => {
      const response = await fetch(`${url}/shaped`);
      expect(response.status).toBe(201);
      expect(response.headers.get('x-animal')).toBe('dog');
      expect(response.headers.get('content-type')).toBe('image/gif');
      expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
      expect(await response.text()).toBe('GIF89a');
    },
  },
  {
    behaviour: 'a result without a status is the body of a 200',
    source: integration,
    test: async () => {
      const response = await fetch(`${url}/plain`);
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.json()).toEqual({ animal: 'cat' });
    },
  },
  {
    behaviour: 'without a route the answer is 404 and names nothing',
    source: `${gateway}/http-api-develop-routes.html`,
    test: async () => {
      const response = await fetch(`${url}/`);
      expect([response.status, await response.text()]).toEqual([404, '{"message":"Not Found"}']);
    },
  },
  {
    behaviour: 'a function that fails is answered 500 without a detail',
    source: `${gateway}/http-api-troubleshooting-lambda.html`,
    test: async () => {
      for (const path of ['/throw', '/exit', '/broken']) {
        const response = await fetch(url + path);
        expect([response.status, await response.text()]).toEqual([500, '{"message":"Internal Server Error"}']);
      }
    },
  },
  {
    behaviour:
      'where the API has no CORS configuration, a preflight request goes to its route and the headers of the function to the browser',
    source: `${gateway}/http-api-cors.html`,
    test: async () => {
      const headers = { origin: 'https://practice.example', 'access-control-request-method': 'POST' };
      const answered = await fetch(`${url}/cors`, { method: 'OPTIONS', headers });
      expect(answered.status).toBe(204);
      expect(answered.headers.get('access-control-allow-origin')).toBe('https://practice.example');
      expect(answered.headers.get('access-control-allow-methods')).toBe('POST');
      const unknown = await fetch(`${url}/`, { method: 'OPTIONS', headers });
      expect(unknown.status).toBe(404);
      expect(unknown.headers.get('access-control-allow-origin')).toBeNull();
    },
  },
  {
    behaviour: 'a body over 10 MB is refused',
    source: quotas,
    test: async () => {
      const response = await fetch(`${url}/body`, { method: 'POST', body: new Uint8Array(10 * 1024 * 1024 + 1) });
      expect([response.status, await response.text()]).toEqual([413, '{"message":"Request Entity Too Large"}']);
    },
  },
  {
    behaviour: 'a request line and header values of together more than 10,240 bytes are refused',
    source: quotas,
    test: async () => {
      const status = async (bytes: number) => (await send(`${url}/plain`, { 'x-long': 'x'.repeat(bytes) })).statusCode;
      expect([await status(9_900), await status(10_240)]).toEqual([200, 431]);
    },
  },
  {
    behaviour: 'a function that takes longer than 30 seconds is answered 503 in its stead',
    source: quotas,
    test: async () => {
      const invoked = Promise.withResolvers<void>();
      const api = await startGateway({ port: 0, now: Date.now, log: () => undefined, fault: () => undefined });
      api.serve([{ routeKey: '$default', functionId: 'Slow' }], () => {
        invoked.resolve();
        return new Promise<InvocationResult>(() => undefined);
      });
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      try {
        const answer = send(`http://127.0.0.1:${api.port}/`, {});
        await invoked.promise;
        vi.advanceTimersByTime(29_999);
        expect(vi.getTimerCount()).toBe(1);
        vi.advanceTimersByTime(1);
        const incoming = await answer;
        expect([incoming.statusCode, await text(incoming)]).toEqual([503, '{"message":"Service Unavailable"}']);
      } finally {
        vi.useRealTimers();
        await api.stop();
      }
    },
  },
]);
