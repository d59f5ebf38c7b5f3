import { agentOperations } from './operations/agentOperations.ts';
import { descriptionOperations } from './operations/descriptionOperations.ts';
import { eventOperations } from './operations/eventOperations.ts';
import type { HttpFunction } from './operations/operation.ts';
import { preferenceOperations } from './operations/preferenceOperations.ts';
import { telephoneOperations } from './operations/telephoneOperations.ts';
import { widgetOperations } from './operations/widgetOperations.ts';

export type { HttpFunction, Operation } from './operations/operation.ts';

/** All operations of the API: routes, router and OpenAPI document are made from this list. */
export const operations = [
  ...eventOperations,
  ...widgetOperations,
  ...agentOperations,
  ...telephoneOperations,
  ...preferenceOperations,
  ...descriptionOperations,
] as const;

/** The operations of one function, by operation id. */
export type OperationIdOf<F extends HttpFunction> = Extract<
  (typeof operations)[number],
  { function: F }
>['operationId'];
