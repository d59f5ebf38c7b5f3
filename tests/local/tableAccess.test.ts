import { expect, test } from 'vitest';
import { createTableAccess } from '../../local/aws/createTableAccess.ts';
import type { DeployedResource, Deployment } from '../../local/ports.ts';

/* A function may do with the table what the template's policies say, as IAM would have it. */
const table = 'arn:aws:dynamodb:eu-central-1:000000000000:table/Shop-Timeline';

function access(...statements: object[]) {
  const resource = (type: string, name: string, properties: Record<string, unknown>): DeployedResource => {
    return { logicalId: name, type, physicalId: `Shop-${name}`, properties, attributes: {} };
  };
  const resources = [
    resource('AWS::Lambda::Function', 'writer', { Role: 'arn:aws:iam::000000000000:role/Shop-WriterRole' }),
    resource('AWS::Lambda::Function', 'other', { Role: 'arn:aws:iam::000000000000:role/Shop-OtherRole' }),
    resource('AWS::IAM::Policy', 'WriterPolicy', {
      Roles: ['Shop-WriterRole'],
      PolicyDocument: { Statement: statements },
    }),
  ];
  const deployment = {
    stackName: 'Shop',
    ofType: (type: string) => resources.filter((one) => one.type === type),
  } as Deployment;
  return createTableAccess(deployment);
}

const allow = (Action: string | string[], Resource: string | string[] = table) => ({
  Effect: 'Allow',
  Action,
  Resource,
});

test('what a policy allows is allowed to its function alone', () => {
  const { refusal } = access(allow(['dynamodb:PutItem', 'dynamodb:GetItem']));
  expect(refusal('writer', 'PutItem', { Item: {} })).toBeUndefined();
  expect(refusal('writer', 'Query', {})).toMatch(/not authorized to perform: dynamodb:Query/);
  expect(refusal('other', 'PutItem', { Item: {} })).toMatch(/dynamodb:PutItem/);
});

test('a transaction needs the permission for each thing that it does', () => {
  const request = { TransactItems: [{ Put: { Item: {} } }, { ConditionCheck: { Key: {} } }] };
  expect(access(allow('dynamodb:PutItem')).refusal('writer', 'TransactWriteItems', request)).toMatch(
    /dynamodb:ConditionCheckItem/,
  );
  const { refusal } = access(allow(['dynamodb:PutItem', 'dynamodb:ConditionCheckItem']));
  expect(refusal('writer', 'TransactWriteItems', request)).toBeUndefined();
});

test('statements of PartiQL have permissions of their own', () => {
  const request = { Statements: [{ Statement: `INSERT INTO "t" VALUE {'pk': ?}` }] };
  expect(access(allow('dynamodb:PutItem')).refusal('writer', 'BatchExecuteStatement', request)).toBeDefined();
  expect(access(allow('dynamodb:PartiQLInsert')).refusal('writer', 'BatchExecuteStatement', request)).toBeUndefined();
});

test('an index is not the table, nor the table its index', () => {
  const ofTable = access(allow('dynamodb:Query'));
  const ofIndex = access(allow('dynamodb:Query', `${table}/index/inbox`));
  expect(ofTable.refusal('writer', 'Query', { IndexName: 'inbox' })).toBeDefined();
  expect(ofIndex.refusal('writer', 'Query', { IndexName: 'inbox' })).toBeUndefined();
  expect(ofIndex.refusal('writer', 'Query', {})).toBeDefined();
});

test('leading keys bind a permission to partitions', () => {
  const Condition = { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['T#*'] } };
  const { refusal } = access({ ...allow('dynamodb:GetItem'), Condition });
  expect(refusal('writer', 'GetItem', { Key: { pk: { S: 'T#token' } } })).toBeUndefined();
  expect(refusal('writer', 'GetItem', { Key: { pk: { S: 'L#leaf' } } })).toBeDefined();
});
