import * as zod from 'zod';
import { segmentAnswerSchema, segmentBodySchema } from '../segment.ts';
import type { Operation } from './operation.ts';

/** Where websites and servers bring what happened. */
export const eventOperations = [
  {
    operationId: 'collectEvent',
    method: 'POST',
    path: '/v1/{call}',
    function: 'collect-events',
    summary:
      'Take in events by the Segment spec: track, identify, page, screen, group, alias, batch, or t, i, p, s, g, a, b, m',
    credential: { scope: 'events:write' },
    body: segmentBodySchema,
    answer: { status: 200, body: segmentAnswerSchema },
  },
  {
    operationId: 'getProjectSettings',
    method: 'GET',
    path: '/v1/projects/{writeKey}/settings',
    function: 'collect-events',
    summary: "Settings that Segment's browser SDK asks for before it sends",
    credential: 'none',
    answer: { status: 200, body: zod.record(zod.string(), zod.unknown()) },
  },
  {
    operationId: 'preflightEvents',
    method: 'OPTIONS',
    path: '/v1/{path+}',
    function: 'collect-events',
    summary: 'CORS preflight',
    credential: 'none',
    hidden: true,
  },
] as const satisfies readonly Operation[];
