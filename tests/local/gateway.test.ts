import { readFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import type { APIGatewayProxyEventV2 } from 'aws-lambda';
import { expect, test } from 'vitest';
import { startTestPlatform, waitFor } from '../support/platform.ts';

const templateDir = join(import.meta.dirname, 'fixtures', 'practice');
const platform = await startTestPlatform({ templateDir });
const { url } = platform;

interface Echo {
  event: APIGatewayProxyEventV2;
  requestId: string;
}

async function echo(path: string, init?: RequestInit): Promise<Echo> {
  return (await (await fetch(url + path, init)).json()) as Echo;
}

const post = (
  contentType: string | undefined,
  body: string | Uint8Array<ArrayBuffer>,
  more: Record<string, string> = {},
) =>
  echo('/body', {
    method: 'POST',
    body: new Blob([body]),
    headers: { ...(contentType ? { 'content-type': contentType } : {}), ...more },
  });

test('a request becomes the event of payload format 2.0', async () => {
  const nowMs = platform.clock.now();
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
});

test('repeated headers are joined by commas', async () => {
  const { event } = await new Promise<Echo>((resolve, reject) => {
    const outgoing = httpRequest(`${url}/repeated`, { headers: { 'x-tag': ['one', 'two'] } }, (incoming) => {
      let text = '';
      incoming.on('data', (chunk) => {
        text += String(chunk);
      });
      incoming.on('end', () => resolve(JSON.parse(text) as Echo));
    });
    outgoing.on('error', reject);
    outgoing.end();
  });
  expect(event.headers['x-tag']).toBe('one,two');
});

test.each([
  'application/json',
  'application/json; charset=utf-8',
  'text/plain',
  'application/xml',
  'application/javascript',
])('a body of %s passes as text', async (type) => {
  expect((await post(type, '{"é":1}')).event).toMatchObject({ body: '{"é":1}', isBase64Encoded: false });
});

test.each([
  'application/x-www-form-urlencoded',
  'application/octet-stream',
  'multipart/form-data; boundary=x',
  undefined,
])('a body of %s passes as base64', async (type) => {
  expect((await post(type, 'a=1')).event).toMatchObject({ body: 'YT0x', isBase64Encoded: true });
});

test('an encoded body passes as base64 whatever its type, byte by byte', async () => {
  const { event } = await post('application/json', Uint8Array.of(0x1f, 0x8b, 0xff), { 'content-encoding': 'gzip' });
  expect(event).toMatchObject({ body: 'H4v/', isBase64Encoded: true });
});

test('status, headers, cookies and binary bodies of a function reach the caller', async () => {
  const response = await fetch(`${url}/shaped`);
  expect(response.status).toBe(201);
  expect(response.headers.get('x-animal')).toBe('dog');
  expect(response.headers.get('content-type')).toBe('image/gif');
  expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
  expect(await response.text()).toBe('GIF89a');
});

test('a result without a status is the body of a 200', async () => {
  const response = await fetch(`${url}/plain`);
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/json');
  expect(await response.json()).toEqual({ animal: 'cat' });
});

test('without a route the answer is 404 and names nothing', async () => {
  const response = await fetch(`${url}/`);
  expect([response.status, await response.text()]).toEqual([404, '{"message":"Not Found"}']);
});

test.each(['/throw', '/exit', '/large', '/broken'])('%s is answered 500 without a detail', async (path) => {
  const response = await fetch(url + path);
  expect([response.status, await response.text()]).toEqual([500, '{"message":"Internal Server Error"}']);
});

test('what a function throws and prints stands in its log and not on the terminal', async () => {
  await fetch(`${url}/throw`);
  await fetch(`${url}/log?minka`);
  const log = () => readFileSync(join(platform.dataDir, 'logs', 'echo.log'), 'utf8');
  await waitFor(() => log().includes('TypeError: the vet is out') && log().includes('a line about minka'));
  expect(platform.lines).toEqual([]);
});

test('a body over 10 MB is answered 413', async () => {
  const response = await fetch(`${url}/body`, { method: 'POST', body: new Uint8Array(10 * 1024 * 1024 + 1) });
  expect([response.status, await response.text()]).toEqual([413, '{"message":"Request Entity Too Large"}']);
});

test('a foreign host name is refused: a page that rebinds its name reads nothing', async () => {
  const status = (host: string, path: string) =>
    new Promise<number>((resolve, reject) => {
      httpRequest(`${url}${path}`, { headers: { host } }, (incoming) => {
        incoming.resume();
        resolve(incoming.statusCode ?? 0);
      })
        .on('error', reject)
        .end();
    });
  expect(await status('evil.example', '/_local/keys')).toBe(403);
  expect(await status('localhost.evil.example:8080', '/plain')).toBe(403);
  expect(await status('127.0.0.1:8080', '/plain')).toBe(200);
  expect(await status('[::1]:8080', '/plain')).toBe(200);
});

test('a page of another site cannot move the clock', async () => {
  const response = await fetch(`${url}/_local/clock`, {
    method: 'POST',
    headers: { origin: 'https://evil.example' },
    body: '{"advance":"P1D"}',
  });
  expect(response.status).toBe(403);
});

test('ordered answers come before the function runs', async () => {
  platform.faults.answerRequests({ times: 1, status: 500, path: '/notes' });
  platform.faults.answerRequests({ times: 1, status: 429, path: '/notes' });
  const write = () => fetch(`${url}/notes/ordered`, { method: 'POST', body: 'x' });
  const first = await write();
  const second = await write();
  const third = await write();
  expect([first.status, second.status, third.status, await third.text()]).toEqual([500, 429, 201, 'stored']);
  expect(second.headers.get('retry-after')).toBe('1');
});

test('a dropped answer has been written', async () => {
  platform.faults.dropAnswers({ times: 1, path: '/notes' });
  const write = () => fetch(`${url}/notes/dropped`, { method: 'POST', body: 'x' });
  await expect(write()).rejects.toThrow('fetch failed');
  expect(await (await write()).text()).toBe('known');
});
