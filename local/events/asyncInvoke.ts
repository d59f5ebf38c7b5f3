import { randomUUID } from 'node:crypto';
import type { SQSClient } from '@aws-sdk/client-sqs';
import type { DeployedResource, Deployment, FunctionRuntime, InvocationResult } from '../ports.ts';
import { findFunction } from './awsNames.ts';
import { asNumber, asRecord, asText } from './json.ts';
import { type Backoff, backoffMs, type Lifetime } from './lifetime.ts';
import { sendToQueue } from './queues.ts';

export interface AsyncInvocation {
  deployment: Deployment;
  functions: FunctionRuntime;
  sqs: SQSClient;
  lifetime: Lifetime;
  now(): number;
  log(line: string): void;
  /** Between tries of a failed invocation; Lambda's own minutes would be too long for a developer. */
  backoff: Backoff;
}

/**
 * Invokes a function as events do: two retries by default, then its on-failure destination or its dead-letter queue
 * learns of it. Throttling is waited out. Resolves when nothing more will be tried; rejects only where the function's
 * own failure queue cannot be reached.
 */
export async function invokeAsync(target: DeployedResource, event: unknown, context: AsyncInvocation): Promise<void> {
  const { functions, lifetime, backoff } = context;
  const config = asyncConfig(context.deployment, target);
  for (let tries = 1; ; tries++) {
    const result = await invokeUnthrottled(target, event, functions, lifetime, backoff);
    if (result.ok || lifetime.ended) return;
    context.log(`${target.logicalId}: ${result.errorType}: ${result.errorMessage}`);
    if (tries > config.retries) return reportFailure(target, event, result, tries, config, context);
    await lifetime.wait(backoffMs(backoff, tries));
  }
}

async function invokeUnthrottled(
  target: DeployedResource,
  event: unknown,
  functions: FunctionRuntime,
  lifetime: Lifetime,
  backoff: Backoff,
): Promise<InvocationResult> {
  for (let throttles = 1; ; throttles++) {
    const result = await functions.invoke(target.logicalId, event);
    if (result.ok || !result.throttled || lifetime.ended) return result;
    await lifetime.wait(backoffMs({ ...backoff, mostMs: 1_000 }, throttles));
  }
}

interface AsyncConfig {
  retries: number;
  onFailureArn?: string;
  deadLetterArn?: string;
}

function asyncConfig(deployment: Deployment, target: DeployedResource): AsyncConfig {
  const config = deployment
    .ofType('AWS::Lambda::EventInvokeConfig')
    .find((candidate) => findFunction(deployment, String(candidate.properties.FunctionName)) === target);
  const destinations = asRecord(config?.properties.DestinationConfig);
  const onFailureArn = asText(asRecord(destinations.OnFailure).Destination);
  const deadLetterArn = asText(asRecord(target.properties.DeadLetterConfig).TargetArn);
  return {
    retries: asNumber(config?.properties.MaximumRetryAttempts, 2),
    ...(onFailureArn !== undefined && { onFailureArn }),
    ...(deadLetterArn !== undefined && { deadLetterArn }),
  };
}

async function reportFailure(
  target: DeployedResource,
  event: unknown,
  result: Extract<InvocationResult, { ok: false }>,
  tries: number,
  config: AsyncConfig,
  { sqs, now }: AsyncInvocation,
): Promise<void> {
  const requestId = randomUUID();
  const { errorType, errorMessage } = result;
  if (config.onFailureArn !== undefined) {
    const record = {
      version: '1.0',
      timestamp: new Date(now()).toISOString(),
      requestContext: {
        requestId,
        functionArn: `${target.attributes.Arn ?? target.physicalId}:$LATEST`,
        condition: 'RetriesExhausted',
        approximateInvokeCount: tries,
      },
      requestPayload: event,
      responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
      responsePayload: { errorType, errorMessage },
    };
    await sendToQueue(sqs, config.onFailureArn, { body: JSON.stringify(record) });
  }
  if (config.deadLetterArn !== undefined) {
    const attributes = { RequestID: requestId, ErrorCode: '200', ErrorMessage: errorMessage.slice(0, 1024) || 'none' };
    await sendToQueue(sqs, config.deadLetterArn, { body: JSON.stringify(event), attributes });
  }
}
