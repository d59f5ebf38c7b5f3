import { beforeAll, describe, expect, it } from 'vitest';
import { keys, type PracticeApi, startPracticeApi } from '../support/practiceApi.ts';

let api: PracticeApi;
beforeAll(async () => {
  api = await startPracticeApi();
});

describe('describe-api', () => {
  it('says that the API answers and in which version, without a credential', async () => {
    const answer = await api.call('GET /health');
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'application/json',
      'cache-control': 'no-store',
    });
    expect(answer.body).toEqual({ status: 'ok', version: '1.2.3' });
  });

  it('describes the API to anyone and to viewers on any page', async () => {
    const answer = await api.call('GET /openapi.json', { headers: { origin: 'https://docs.example' } });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('access-control-allow-origin')).toBe('*');
    expect(answer.body).toMatchObject({ openapi: '3.1.0', info: { title: 'Throughline', version: '1.2.3' } });
    expect(Object.keys(answer.body.paths)).toContain('/customers/{customerId}/timeline');
  });

  it('shows the reference to anyone, as a page that loads and runs nothing', async () => {
    const answer = await api.call('GET /docs');
    expect(answer.status).toBe(200);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': expect.stringMatching(/^default-src 'none'; style-src 'sha256-/),
      'x-content-type-options': 'nosniff',
    });
    expect(answer.text).toMatch(/^<!doctype html>/);
    expect(answer.text).toContain('1.2.3');
  });

  it('reads and writes nothing, whatever credential is shown', async () => {
    api.table.reset();
    await api.call('GET /health', { headers: { authorization: `Bearer ${keys.reception}` } });
    await api.call('GET /openapi.json', { headers: { authorization: 'Bearer nonsense' } });
    expect(api.table.calls).toEqual([]);
  });
});
