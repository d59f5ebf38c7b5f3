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

test('a line has its level, message, service, run and trace, and nothing that the log group says by its name', () => {
  vi.stubEnv('_X_AMZN_TRACE_ID', 'Root=1-67891233-abcdef012345678912345678;Parent=463ac35c9f6413ad;Sampled=0');
  const lines: string[] = [];
  const ours = logger as unknown as { console: Pick<Console, 'info'> };
  ours.console = { info: (line: string) => void lines.push(line) };
  const context = { awsRequestId: 'run-1', functionName: 'Throughline-converse', memoryLimitInMB: '512' };
  logger.addContext(context as Parameters<typeof logger.addContext>[0]);
  functionLog.info('interactions taken in', { channel: 'web', ids: ['one', 'two'] });
  vi.unstubAllEnvs();
  expect(JSON.parse(lines[0] ?? '')).toEqual({
    level: 'INFO',
    message: 'interactions taken in',
    timestamp: expect.any(String),
    service: expect.any(String),
    function_request_id: 'run-1',
    xray_trace_id: '1-67891233-abcdef012345678912345678',
    facts: { channel: 'web', ids: ['one', 'two'] },
  });
});
