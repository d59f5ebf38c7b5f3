import { afterEach, expect, test, vi } from 'vitest';
import { functionLog, logger } from '../../shared/platform/log.ts';

const written = vi.spyOn(logger, 'error').mockImplementation(() => undefined);
afterEach(() => written.mockClear());

/** What is logged beside the message. */
function faultOf(error: unknown): unknown {
  functionLog.error('failed', error);
  const [, extra] = written.mock.lastCall ?? [];
  return (extra as { fault: unknown }).fault;
}

test('an error is logged by class, code and place, and never by its message or that of its cause', () => {
  const cause = Object.assign(new TypeError('lena@example.com is no number'), { code: 'ERR_INVALID' });
  const fault = faultOf(new Error('cannot write to lena@example.com', { cause }));
  expect(fault).toMatchObject({ name: 'Error', cause: { name: 'TypeError', code: 'ERR_INVALID' } });
  expect(JSON.stringify(fault)).toContain('log.test.ts');
  expect(JSON.stringify(fault)).not.toContain('lena');
});

test('nor where a line of the message looks like a place', () => {
  const fault = faultOf(new Error('unexpected\n    at lena@example.com (Lena Vogt)\n    at last'));
  expect(JSON.stringify(fault)).toContain('log.test.ts');
  expect(JSON.stringify(fault)).not.toMatch(/lena|at last/i);
});

test('what is thrown and is no error is logged by its type alone', () => {
  expect(faultOf('lena@example.com')).toEqual({ name: 'string' });
});
