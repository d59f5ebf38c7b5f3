import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import {
  GetFunctionConfigurationCommand,
  type LambdaClient,
  UpdateFunctionConfigurationCommand,
  waitUntilFunctionUpdatedV2,
} from '@aws-sdk/client-lambda';
import { listStackResources } from '../deployment/stack.ts';

/**
 * Has every function that reads parameters begin anew. A function reads them once, at its start; a changed environment
 * is what makes Lambda start others and give these nothing more. The next deployment takes the variable out again.
 */
export async function restartFunctions(
  { cloudFormation, lambda }: { cloudFormation: CloudFormationClient; lambda: LambdaClient },
  at: string,
): Promise<string[]> {
  const resources = await listStackResources(cloudFormation);
  const restarted: string[] = [];
  for (const { physicalId: FunctionName } of resources.filter(({ type }) => type === 'AWS::Lambda::Function')) {
    const { Environment } = await lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    if (Environment?.Variables?.PARAMETER_PREFIX === undefined) continue;
    const Variables = { ...Environment.Variables, PARAMETERS_CHANGED_AT: at };
    await lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }));
    restarted.push(FunctionName);
  }
  for (const FunctionName of restarted) {
    await waitUntilFunctionUpdatedV2({ client: lambda, maxWaitTime: 120 }, { FunctionName });
  }
  return restarted;
}
