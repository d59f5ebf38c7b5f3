import manifest from '../../package.json' with { type: 'json' };
import { systemClock } from '../../shared/platform/clock.ts';
import { httpFunction } from '../../shared/platform/http.ts';
import { createDescribeApiHandlers } from './handler.ts';

export const handler = httpFunction({
  name: 'describe-api',
  handlers: createDescribeApiHandlers({ version: manifest.version }),
  clock: systemClock,
});
