import { type StackResource, stackName } from './stack.ts';

/** What a deleted stack leaves, for people: each with the commands that would delete it for good. */
export function whatRemains(resources: readonly StackResource[], region: string): string[] {
  const commands: Record<string, (id: string) => string[]> = {
    'AWS::DynamoDB::GlobalTable': (id) => [
      `aws dynamodb update-table --table-name ${id} --no-deletion-protection-enabled`,
      `aws dynamodb delete-table --table-name ${id}`,
    ],
    'AWS::S3::Bucket': (id) => [`aws s3 rb s3://${id} --force`],
    // Last: without it nothing else can be read, and a backup neither.
    'AWS::KMS::Key': (id) => [`aws kms schedule-key-deletion --key-id ${id} --pending-window-in-days 30`],
  };
  const kept = Object.entries(commands).flatMap(([type, commandsFor]) =>
    resources.filter((resource) => resource.type === type).map(({ physicalId }) => ({ physicalId, type, commandsFor })),
  );
  const path = `/throughline/${stackName}/`;
  return [
    'The stack is gone. What customers told you remains, and costs what it takes up (the key $1 a month):',
    ...kept.map(({ physicalId, type }) => `  ${type.padEnd(28)}${physicalId}`),
    `  ${'SSM parameters'.padEnd(28)}${path} (the pepper: without it no customer is found again)`,
    'To delete it for good, in this order; nothing of it can be undone:',
    ...kept
      .filter(({ type }) => type !== 'AWS::KMS::Key')
      .flatMap(({ commandsFor, physicalId }) => commandsFor(physicalId))
      .map((command) => `  ${command} --region ${region}`),
    `  aws ssm delete-parameters --region ${region} --names $(aws ssm get-parameters-by-path --region ${region} --recursive --path ${path} --query 'Parameters[].Name' --output text)`,
    ...kept
      .filter(({ type }) => type === 'AWS::KMS::Key')
      .flatMap(({ commandsFor, physicalId }) => commandsFor(physicalId))
      .map((command) => `  ${command} --region ${region}`),
    'Of DNS, remove the MX record of the receiving domain, or its mail is refused.',
  ];
}
