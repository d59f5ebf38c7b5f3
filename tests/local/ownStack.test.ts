import { expect, test } from 'vitest';
import { startTestPlatform } from '../support/platform.ts';

test('the stack of this repository runs: it answers, and its keys are made once', async () => {
  const platform = await startTestPlatform();
  const health = await fetch(`${platform.url}/health`);
  expect([health.status, await health.json()]).toMatchObject([200, { status: 'ok' }]);
  expect(Object.keys(platform.keys)).toEqual(
    expect.arrayContaining(['browserWriteKey', 'serverWriteKey', 'identitySecret', 'agentApiKey', 'lookupKey']),
  );
  const shown = await (await fetch(`${platform.url}/_local/keys`)).json();
  expect(shown).toEqual(platform.keys);
});
