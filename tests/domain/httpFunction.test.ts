import { expect, it } from 'vitest';
import { eventOperations } from '../../shared/contracts/operations/eventOperations.ts';
import { httpFunction } from '../../shared/platform/http.ts';

it('does not start without the operation of one of its handlers, since nothing would lead to it', () => {
  const handlers = {
    getHealth: async () => ({ status: 200 }),
    getOpenApi: async () => ({ status: 200 }),
    getDocs: async () => ({ status: 200 }),
  };
  const start = () =>
    httpFunction({ name: 'describe-api', operations: eventOperations, handlers, clock: () => 1_790_000_000_000 });
  expect(start).toThrow('describe-api was not given its operation getHealth.');
});
