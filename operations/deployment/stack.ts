import {
  type CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';

/** The name under which `infra/synth.ts` synthesizes. */
export const stackName = 'Throughline';

export interface DeployedStack {
  /** CloudFormation's word, such as `UPDATE_COMPLETE`. */
  status: string;
  outputs: Record<string, string>;
  parameters: Record<string, string>;
}

export interface StackResource {
  logicalId: string;
  type: string;
  physicalId: string;
}

/** Undefined where there is no such stack. */
export async function describeStack(client: CloudFormationClient): Promise<DeployedStack | undefined> {
  try {
    const { Stacks = [] } = await client.send(new DescribeStacksCommand({ StackName: stackName }));
    const [stack] = Stacks;
    if (stack === undefined) return undefined;
    return {
      status: stack.StackStatus ?? '',
      outputs: named(stack.Outputs, 'OutputKey', 'OutputValue'),
      parameters: named(stack.Parameters, 'ParameterKey', 'ParameterValue'),
    };
  } catch (error) {
    // CloudFormation has no name of its own for this.
    if (error instanceof Error && error.message.endsWith('does not exist')) return undefined;
    throw error;
  }
}

export async function listStackResources(client: CloudFormationClient): Promise<StackResource[]> {
  const resources: StackResource[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources(
    { client },
    { StackName: stackName },
  )) {
    for (const { LogicalResourceId = '', PhysicalResourceId = '', ResourceType = '' } of StackResourceSummaries) {
      resources.push({ logicalId: LogicalResourceId, type: ResourceType, physicalId: PhysicalResourceId });
    }
  }
  return resources;
}

function named<K extends string, V extends string>(
  list: readonly { [name in K | V]?: string | undefined }[] | undefined,
  key: K,
  value: V,
): Record<string, string> {
  return Object.fromEntries((list ?? []).map((one) => [one[key] ?? '', one[value] ?? '']));
}
