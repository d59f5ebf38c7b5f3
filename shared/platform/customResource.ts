import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import * as z from 'zod';
import { functionLog, type Log, logger } from './log.ts';

/** What CloudFormation asks of a custom resource. A changed physical id lets it delete what the former one stood for. */
export type CustomResourceRequest =
  | { kind: 'put'; properties: unknown }
  | { kind: 'delete'; physicalId: string; properties: unknown };

const eventSchema = z.object({
  RequestType: z.enum(['Create', 'Update', 'Delete']),
  ResponseURL: z.url(),
  StackId: z.string(),
  RequestId: z.string(),
  LogicalResourceId: z.string(),
  PhysicalResourceId: z.string().optional(),
  ResourceProperties: z.unknown(),
});

/** Stands for a resource whose creation failed: nobody knows how far it had come. */
export const halfCreated = 'half-created';

/**
 * The Lambda handler of a custom resource. `handle` returns the physical id, and must be repeatable: CloudFormation asks
 * again where it heard nothing. Whatever happens is answered, since otherwise a stack waits until its time is up.
 */
export function customResourceFunction(options: {
  handle: (request: CustomResourceRequest) => Promise<string>;
  log?: Log;
}): (event: unknown, context: Context) => Promise<void> {
  const log = options.log ?? functionLog;
  const answer = async (event: unknown): Promise<void> => {
    const { LogicalResourceId, PhysicalResourceId, RequestId, RequestType, ResourceProperties, ResponseURL, StackId } =
      eventSchema.parse(event);
    const known = PhysicalResourceId ?? halfCreated;
    const request: CustomResourceRequest =
      RequestType === 'Delete'
        ? { kind: 'delete', physicalId: known, properties: ResourceProperties }
        : { kind: 'put', properties: ResourceProperties };
    const outcome = await options.handle(request).then(
      (physicalId) => ({ Status: 'SUCCESS', PhysicalResourceId: physicalId }),
      (error: unknown) => {
        log.error('custom resource failed', error, { requestType: RequestType });
        const reason = error instanceof Error ? `${error.name}: ${error.message}` : 'unknown';
        return { Status: 'FAILED', PhysicalResourceId: known, Reason: reason };
      },
    );
    // Bytes, not text: the address is signed for a request without a content type.
    const body = Buffer.from(JSON.stringify({ ...outcome, StackId, RequestId, LogicalResourceId }));
    const { ok, status } = await fetch(ResponseURL, { method: 'PUT', body });
    if (!ok) throw new Error(`CloudFormation's address answered ${status}.`);
  };
  return middy<unknown, void>()
    .use(injectLambdaContext(logger, { resetKeys: true }))
    .handler(answer);
}
