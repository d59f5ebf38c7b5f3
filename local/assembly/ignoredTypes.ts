import type { Template } from './readAssembly.ts';

/** What is run, or is part of something that is. */
const emulated =
  /^AWS::(ApiGatewayV2::(Api|Integration|Route|Stage)|DynamoDB::(Table|GlobalTable)|Events::Rule|IAM::Policy|Lambda::(Function|EventSourceMapping)|S3::Bucket|SNS::(Topic|Subscription)|SQS::Queue|SSM::Parameter|Scheduler::(Schedule|ScheduleGroup))$|^Custom::/;

/** Types of the template that mean nothing on this machine, each with how many resources it has. */
export function ignoredTypes(template: Template): string[] {
  const counts = new Map<string, number>();
  for (const { Type } of Object.values(template.Resources)) {
    if (!emulated.test(Type)) counts.set(Type, (counts.get(Type) ?? 0) + 1);
  }
  return [...counts].map(([type, count]) => `${type} (${count})`).sort();
}
