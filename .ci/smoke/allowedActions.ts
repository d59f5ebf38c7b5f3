import * as z from 'zod';

/**
 * The actions that each function's policy names, by the function's verb-noun. The embedded services check no policy,
 * so what worked on this machine is compared with it.
 */
export function allowedActions(template: unknown): Map<string, Set<string>> {
  const resources = Object.values(templateSchema.parse(template).Resources);
  const policies = resources.flatMap((resource) => policySchema.safeParse(resource).data ?? []);
  const functions = resources.flatMap((resource) => functionSchema.safeParse(resource).data ?? []);
  return new Map(
    functions.map(({ Properties: { Environment, Role } }) => {
      const [roleId] = Role['Fn::GetAtt'];
      const own = policies.filter(({ Properties }) => Properties.Roles.some(({ Ref }) => Ref === roleId));
      const statements = own.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
      return [Environment.Variables.POWERTOOLS_SERVICE_NAME, new Set(statements.flatMap(({ Action }) => Action))];
    }),
  );
}

/** What an operation of the SDK needs at least. */
export function actionFor(operation: string): string {
  const actions: Record<string, string> = {
    BatchExecuteStatement: 'PartiQLInsert',
    TransactWriteItems: 'PutItem',
  };
  return `dynamodb:${actions[operation] ?? operation}`;
}

const templateSchema = z.object({ Resources: z.record(z.string(), z.unknown()) });

const policySchema = z.object({
  Type: z.literal('AWS::IAM::Policy'),
  Properties: z.object({
    Roles: z.array(z.object({ Ref: z.string() })),
    PolicyDocument: z.object({
      Statement: z.array(z.object({ Action: z.union([z.string(), z.array(z.string())]) })),
    }),
  }),
});

const functionSchema = z.object({
  Type: z.literal('AWS::Lambda::Function'),
  Properties: z.object({
    Role: z.object({ 'Fn::GetAtt': z.tuple([z.string(), z.literal('Arn')]) }),
    Environment: z.object({ Variables: z.object({ POWERTOOLS_SERVICE_NAME: z.string() }) }),
  }),
});
