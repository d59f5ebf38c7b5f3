import { GetParametersByPathCommand, type SSMClient } from '@aws-sdk/client-ssm';

/** All parameters below a path, decrypted, by their name without the path. */
export async function readParameters(client: SSMClient, path: string): Promise<Map<string, string>> {
  const values = new Map<string, string>();
  let nextToken: string | undefined;
  do {
    const page = await client.send(
      new GetParametersByPathCommand({
        Path: path,
        Recursive: true,
        WithDecryption: true,
        ...(nextToken === undefined ? {} : { NextToken: nextToken }),
      }),
    );
    for (const { Name, Value } of page.Parameters ?? []) {
      if (Name !== undefined && Value !== undefined) values.set(Name.slice(path.length).replace(/^\//, ''), Value);
    }
    nextToken = page.NextToken;
  } while (nextToken !== undefined);
  return values;
}
