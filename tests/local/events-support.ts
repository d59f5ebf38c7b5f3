import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { DeployedResource, Deployment, FunctionRuntime, InvocationResult, TestClock } from '../../local/ports.ts';

const prefix = 'eu-central-1:000000000000';

/** A template of one's own, as the platform would have resolved it. */
export function fakeDeployment(resources: readonly DeployedResource[]): Deployment {
  return {
    stackName: 'Practice',
    ofType: (type) => resources.filter((resource) => resource.type === type),
    byLogicalId: (logicalId) => {
      const found = resources.find((resource) => resource.logicalId === logicalId);
      if (!found) throw new Error(`no resource ${logicalId}`);
      return found;
    },
    byArn: (arn) => resources.find((resource) => resource.attributes.Arn === arn),
  };
}

export function fakeResource(
  logicalId: string,
  type: string,
  properties: Record<string, unknown> = {},
  attributes: Record<string, string> = {},
): DeployedResource {
  return { logicalId, type, properties, physicalId: `practice-${logicalId}`, attributes };
}

export function fakeFunction(logicalId: string): DeployedResource {
  const Arn = functionArn(logicalId);
  return fakeResource(logicalId, 'AWS::Lambda::Function', {}, { Arn });
}

export function functionArn(logicalId: string): string {
  return `arn:aws:lambda:${prefix}:function:practice-${logicalId}`;
}

export function queueArn(name: string): string {
  return `arn:aws:sqs:${prefix}:${name}`;
}

export function streamArn(tableName: string): string {
  return `arn:aws:dynamodb:${prefix}:table/${tableName}/stream/2026-01-01T00:00:00.000`;
}

export interface FakeFunctions extends FunctionRuntime {
  calls: { functionId: string; event: unknown }[];
}

/** Functions that answer by `answer`; every call is kept. */
export function fakeFunctions(
  answer: (event: unknown, call: number, functionId: string) => InvocationResult | Promise<InvocationResult> = () =>
    succeeded(),
): FakeFunctions {
  const calls: FakeFunctions['calls'] = [];
  return {
    calls,
    invoke: async (functionId, event) => {
      calls.push({ functionId, event: structuredClone(event) });
      return answer(event, calls.length, functionId);
    },
  };
}

export function succeeded(payload: unknown = null): InvocationResult {
  return { ok: true, payload };
}

export function failed(errorMessage = 'boom'): InvocationResult {
  return { ok: false, errorType: 'Error', errorMessage };
}

export function throttled(): InvocationResult {
  return { ok: false, errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.', throttled: true };
}

export function itemFailures(...identifiers: (string | undefined)[]): InvocationResult {
  return succeeded({ batchItemFailures: identifiers.map((itemIdentifier) => ({ itemIdentifier })) });
}

/** A clock that moves by `advance` alone. */
export function fakeClock(start = '2026-01-15T10:00:00Z'): TestClock {
  let now = Date.parse(start);
  const listeners = new Set<() => void>();
  return {
    now: () => now,
    advance: (milliseconds) => {
      now += milliseconds;
      for (const listener of listeners) listener();
    },
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** A directory that is removed after the file's last test. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), 'throughline-events-'));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}
