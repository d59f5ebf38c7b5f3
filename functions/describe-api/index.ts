import manifest from '../../package.json' with { type: 'json' };
import { descriptionOperations } from '../../shared/contracts/operations/descriptionOperations.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { httpFunction } from '../../shared/platform/http.ts';
import { createDescribeApiHandlers } from './handler.ts';

export const handler = httpFunction({
  name: 'describe-api',
  operations: descriptionOperations,
  handlers: createDescribeApiHandlers({ version: manifest.version }),
  clock: systemClock,
});
