import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import type { Deployment, FunctionRuntime, ServiceHandler } from '../ports.ts';
import type { Template } from './readAssembly.ts';

export interface CustomResourcesOptions {
  deployment: Deployment;
  functions: FunctionRuntime;
  /** The types of the template that begin with `Custom::`. */
  types: readonly string[];
  /** Where functions answer; `handle` must be served there. */
  endpoint: string;
  /** What was made at earlier starts lies in this file. */
  file: string;
}

export interface CustomResources {
  handle: ServiceHandler;
  /** Has each custom resource of the stack created, or updated where its properties changed. */
  apply(): Promise<void>;
}

interface Made {
  physicalId: string;
  properties: unknown;
}

/** Custom resources as CloudFormation makes them: their function is invoked and answers at an address. */
export function createCustomResources(options: CustomResourcesOptions): CustomResources {
  const { deployment, endpoint, file, functions, types } = options;
  const made: Record<string, Made> = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as Record<string, Made>)
    : {};
  const answers = new Map<string, Record<string, unknown>>();

  async function ask(logicalId: string, serviceToken: string, event: Record<string, unknown>): Promise<string> {
    const target = deployment.byArn(serviceToken);
    if (!target) throw new Error(`The function of the custom resource ${logicalId} is not of this stack.`);
    const RequestId = randomUUID();
    const result = await functions.invoke(target.logicalId, {
      StackId: `arn:aws:cloudformation:::stack/${deployment.stackName}/local`,
      LogicalResourceId: logicalId,
      RequestId,
      ResponseURL: `${endpoint}/${RequestId}`,
      ...event,
    });
    const answer = answers.get(RequestId);
    answers.delete(RequestId);
    if (answer?.Status === 'SUCCESS') return String(answer.PhysicalResourceId);
    const reason = answer?.Reason ?? (result.ok ? 'its function did not answer' : result.errorMessage);
    throw new Error(`The custom resource ${logicalId} could not be made: ${String(reason)}`);
  }

  return {
    handle: async ({ body, path }) => {
      answers.set(path.slice(1), JSON.parse(body.toString('utf8')) as Record<string, unknown>);
      return { status: 200, headers: {}, body: '' };
    },
    apply: async () => {
      for (const { logicalId, properties } of types.flatMap(deployment.ofType)) {
        const { ServiceToken, ...ResourceProperties } = asText(properties) as Record<string, unknown>;
        const before = made[logicalId];
        if (before && isDeepStrictEqual(before.properties, ResourceProperties)) continue;
        const token = String(ServiceToken);
        const change = before
          ? { RequestType: 'Update', PhysicalResourceId: before.physicalId, OldResourceProperties: before.properties }
          : { RequestType: 'Create' };
        const physicalId = await ask(logicalId, token, { ...change, ResourceProperties });
        if (before && before.physicalId !== physicalId) {
          const former = { PhysicalResourceId: before.physicalId, ResourceProperties: before.properties };
          await ask(logicalId, token, { RequestType: 'Delete', ...former });
        }
        made[logicalId] = { physicalId, properties: ResourceProperties };
        writeFileSync(`${file}.new`, JSON.stringify(made));
        renameSync(`${file}.new`, file);
      }
    },
  };
}

/** The template's own types, each once. */
export function customTypes({ Resources }: Template): string[] {
  const types = Object.values(Resources).map(({ Type }) => Type);
  return [...new Set(types.filter((type) => type.startsWith('Custom::')))];
}

/** Numbers and booleans reach a custom resource as text. */
function asText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value !== 'object' || value === null) return String(value);
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, asText(inner)]));
}
