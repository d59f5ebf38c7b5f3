import {
  GetParameterCommand,
  PutParameterCommand,
  paginateDescribeParameters,
  type SSMClient,
} from '@aws-sdk/client-ssm';

/**
 * Encrypts with the stack's key what an earlier stack left: its key is another one, which this stack's functions may not
 * use. Returns the names. Values stay as they are: with another pepper no customer would be found again.
 */
export async function adoptParameters(client: SSMClient, prefix: string, keyArn: string): Promise<string[]> {
  const adopted: string[] = [];
  const ParameterFilters = [{ Key: 'Path', Option: 'Recursive', Values: [prefix.slice(0, -1)] }];
  for await (const { Parameters = [] } of paginateDescribeParameters({ client }, { ParameterFilters })) {
    for (const { KeyId, Name } of Parameters) {
      if (Name === undefined || KeyId === keyArn) continue;
      const { Parameter } = await client.send(new GetParameterCommand({ Name, WithDecryption: true }));
      const Value = Parameter?.Value;
      await client.send(new PutParameterCommand({ Name, Value, Type: 'SecureString', KeyId: keyArn, Overwrite: true }));
      adopted.push(Name);
    }
  }
  return adopted;
}
