import * as zod from 'zod';
import { healthSchema } from '../health.ts';
import type { Operation } from './operation.ts';

/** What the API says of itself. */
export const descriptionOperations = [
  {
    operationId: 'getHealth',
    method: 'GET',
    path: '/health',
    function: 'describe-api',
    summary: 'Whether the API answers',
    credential: 'none',
    answer: { status: 200, body: healthSchema },
  },
  {
    operationId: 'getOpenApi',
    method: 'GET',
    path: '/openapi.json',
    function: 'describe-api',
    summary: 'This document',
    credential: 'none',
    answer: { status: 200, body: zod.record(zod.string(), zod.unknown()) },
  },
] as const satisfies readonly Operation[];
