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
    summary: 'The OpenAPI document',
    credential: 'none',
    answer: { status: 200, body: zod.record(zod.string(), zod.unknown()) },
  },
  {
    operationId: 'getDocs',
    method: 'GET',
    path: '/docs',
    function: 'describe-api',
    summary: 'The API reference, a page made of the OpenAPI document',
    credential: 'none',
    answer: { status: 200, body: zod.string(), type: 'text/html' },
  },
] as const satisfies readonly Operation[];
