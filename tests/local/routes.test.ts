import { expect, test } from 'vitest';
import { matchRoute, parseRoute } from '../../local/gateway/matchRoute.ts';

const routes = [
  '$default',
  'ANY /{all+}',
  'GET /animals/{id}',
  'GET /animals/best',
  'ANY /animals/{id}/notes',
  'POST /animals/{id}/notes',
  'GET /animals/{id}/{rest+}',
  'GET /v1/projects/{writeKey}/settings',
].map((key) => parseRoute(key, key));

const chosen = (method: string, path: string) => {
  const match = matchRoute(routes, method, path);
  return match && [match.route.key, match.parameters];
};

test.each([
  ['GET', '/animals/best', 'GET /animals/best', {}],
  ['GET', '/animals/7', 'GET /animals/{id}', { id: '7' }],
  ['POST', '/animals/7', 'ANY /{all+}', { all: 'animals/7' }],
  ['POST', '/animals/7/notes', 'POST /animals/{id}/notes', { id: '7' }],
  ['PUT', '/animals/7/notes', 'ANY /animals/{id}/notes', { id: '7' }],
  ['GET', '/animals/7/a/b', 'GET /animals/{id}/{rest+}', { id: '7', rest: 'a/b' }],
  ['GET', '/animals/%C3%A9%2Fx', 'GET /animals/{id}', { id: 'é/x' }],
  ['GET', '/animals/100%', 'GET /animals/{id}', { id: '100%' }],
  ['GET', '/v1/projects/key/settings', 'GET /v1/projects/{writeKey}/settings', { writeKey: 'key' }],
  ['GET', '/animals/', 'ANY /{all+}', { all: 'animals/' }],
  ['GET', '/', '$default', {}],
])('%s %s goes to %s', (method, path, key, parameters) => {
  expect(chosen(method, path)).toEqual([key, parameters]);
});

test('without a matching route there is none', () => {
  expect(matchRoute([parseRoute('GET /animals', 1)], 'POST', '/animals')).toBeUndefined();
  expect(matchRoute([parseRoute('GET /animals', 1)], 'GET', '/animals/')).toBeUndefined();
});
