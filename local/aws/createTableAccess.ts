import type { Deployment } from '../ports.ts';
import type { WireBody } from './meteredCall.ts';

export interface TableAccess {
  /** What the caller's role does not allow of a call, in the service's words; undefined where it allows everything. */
  refusal(functionName: string, operation: string, request: WireBody): string | undefined;
}

interface Statement {
  Action: string | string[];
  Effect: string;
  Resource: string | string[];
  Condition?: Record<string, Record<string, string | string[]>>;
}

/** One action on the table, or on an index of it, and the partition that it names. */
interface Use {
  action: string;
  index?: string;
  partition?: string | undefined;
}

/** What the roles of the template's functions allow on the table; tables that a call names are not told apart. */
export function createTableAccess(deployment: Deployment): TableAccess {
  const policies = deployment.ofType('AWS::IAM::Policy');
  const granted = new Map(
    deployment.ofType('AWS::Lambda::Function').map(({ physicalId, properties }) => {
      const role = String(properties.Role).split('/').at(-1);
      const own = policies.filter(({ properties: { Roles } }) => Array.isArray(Roles) && Roles.includes(role));
      const statements = own.flatMap(
        (policy) => (policy.properties.PolicyDocument as { Statement: Statement[] }).Statement,
      );
      return [physicalId.slice(deployment.stackName.length + 1), statements];
    }),
  );
  return {
    refusal(functionName, operation, request) {
      const statements = granted.get(functionName) ?? [];
      const refused = usesOf(operation, request).find((use) => !statements.some((one) => allows(one, use)));
      return (
        refused &&
        `User: ${functionName} is not authorized to perform: ${refused.action} because no identity-based policy allows it`
      );
    },
  };
}

function usesOf(operation: string, request: WireBody): Use[] {
  if (operation === 'TransactWriteItems') {
    const items = (request.TransactItems ?? []) as Record<string, WireBody>[];
    return items.flatMap((item) =>
      Object.entries(item).map(([kind, action]) => ({
        action: kind === 'ConditionCheck' ? 'dynamodb:ConditionCheckItem' : `dynamodb:${kind}Item`,
        partition: partitionOf(action),
      })),
    );
  }
  if (operation === 'BatchExecuteStatement' || operation === 'ExecuteStatement') {
    const statements = (request.Statements ?? [request]) as { Statement?: string }[];
    return statements.map(({ Statement = '' }) => {
      const [verb = ''] = Statement.trimStart().split(/\s/);
      return { action: `dynamodb:PartiQL${verb.slice(0, 1).toUpperCase()}${verb.slice(1).toLowerCase()}` };
    });
  }
  const index = request.IndexName === undefined ? {} : { index: String(request.IndexName) };
  return [{ action: `dynamodb:${operation}`, ...index, partition: partitionOf(request) }];
}

function partitionOf({ Item, Key }: WireBody): string | undefined {
  return ((Key ?? Item) as { pk?: { S?: string } } | undefined)?.pk?.S;
}

function allows({ Action, Condition = {}, Effect, Resource }: Statement, { action, index, partition }: Use): boolean {
  const isMeant = [Resource].flat().some((resource) => {
    const [, named] = /:table\/[^/]+(?:\/index\/(.+))?$/.exec(resource) ?? [undefined, null];
    return resource === '*' || named === index || (index !== undefined && named === '*');
  });
  const keys = Condition['ForAllValues:StringLike']?.['dynamodb:LeadingKeys'];
  const holds = keys === undefined || [keys].flat().some((key) => partition !== undefined && matches(key, partition));
  return Effect === 'Allow' && [Action].flat().some((pattern) => matches(pattern, action)) && isMeant && holds;
}

/** As IAM has it: `*` stands for anything. */
function matches(pattern: string, value: string): boolean {
  return new RegExp(`^${pattern.replace(/\W/g, '\\$&').replaceAll('\\*', '.*')}$`).test(value);
}
