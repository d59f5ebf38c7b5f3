import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateReceiptRuleCommand,
  CreateReceiptRuleSetCommand,
  DescribeActiveReceiptRuleSetCommand,
  DescribeReceiptRuleSetCommand,
  LimitExceededException,
  SESClient,
  SetActiveReceiptRuleSetCommand,
} from '@aws-sdk/client-ses';
import type { Context } from 'aws-lambda';
import { mockClient } from 'aws-sdk-client-mock';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createInstallReceiptRule } from '../../functions/install-receipt-rule/handler.ts';
import { type Front, startFront } from '../../local/aws/startFront.ts';
import { openReceiptRuleSets } from '../../local/ses/receiptRuleSets.ts';
import { sesApi } from '../../local/ses/sesApi.ts';
import { customResourceFunction } from '../../shared/platform/customResource.ts';
import { createReceiptRulesStore } from '../../shared/receipt/receiptRulesStore.ts';

const RuleName = 'throughline-17';
const properties = {
  ServiceToken: 'arn:aws:lambda:eu-central-1:000000000000:function:Throughline-install-receipt-rule',
  RuleName,
  Domain: 'inbound.throughline.example',
  BucketName: 'mails',
  ObjectKeyPrefix: 'raw/',
  TopicArn: 'arn:aws:sns:eu-central-1:000000000000:received',
};
let directory: string;
let front: Front;
let ses: SESClient;
let answers: Record<string, unknown>[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'throughline-receipt-'));
  front = await startFront(() => undefined);
  const receiptRuleSets = openReceiptRuleSets(join(directory, 'receipt-rules.json'));
  const unused = () => Promise.reject(new Error('nothing is sent here'));
  const quota = () => ({ max24HourSend: 200, maxSendRate: 1, sentLast24Hours: 0 });
  front.register('ses', sesApi({ send: unused, quota, receiptRuleSets }));
  answers = [];
  front.register('cloudformation', async ({ body, headers, method }) => {
    answers.push({ method, contentType: headers['content-type'], ...JSON.parse(body.toString()) });
    return { status: 200, headers: {}, body: '' };
  });
  ses = clientOf(front.endpoint('ses'));
});
afterEach(async () => {
  ses.destroy();
  await front.stop();
  await rm(directory, { recursive: true, force: true });
});

function clientOf(endpoint: string): SESClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return new SESClient({ endpoint, region: 'eu-central-1', credentials, maxAttempts: 1 });
}

async function ask(RequestType: 'Create' | 'Update' | 'Delete', more: object = {}, client = ses) {
  const handler = customResourceFunction({
    handle: createInstallReceiptRule(createReceiptRulesStore(client)),
    log: { info: () => undefined, warn: () => undefined, error: () => undefined, count: () => undefined },
  });
  const event = {
    RequestType,
    ResponseURL: `${front.endpoint('cloudformation')}/answer`,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Rule',
    ResourceProperties: properties,
    ...more,
  };
  await handler(event, { functionName: 'install-receipt-rule' } as Context);
  return answers.at(-1);
}

async function activeSet() {
  const { Metadata, Rules = [] } = await ses.send(new DescribeActiveReceiptRuleSetCommand({}));
  return { name: Metadata?.Name, rules: Rules.map(({ Name }) => Name) };
}

async function makeCorporateSet(...rules: string[]) {
  await ses.send(new CreateReceiptRuleSetCommand({ RuleSetName: 'corporate' }));
  for (const Name of rules) {
    await ses.send(new CreateReceiptRuleCommand({ RuleSetName: 'corporate', Rule: { Name, Recipients: [] } }));
  }
  await ses.send(new SetActiveReceiptRuleSetCommand({ RuleSetName: 'corporate' }));
}

it('answers CloudFormation at its address, without a content type, with where the rule lies', async () => {
  expect(await ask('Create')).toEqual({
    method: 'PUT',
    contentType: undefined,
    Status: 'SUCCESS',
    PhysicalResourceId: `${RuleName}/${RuleName}`,
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Rule',
  });
});

it('makes a rule that keeps and announces mail of the domain alone, in an active set of our own', async () => {
  await ask('Create');
  const { Metadata, Rules } = await ses.send(new DescribeActiveReceiptRuleSetCommand({}));
  expect(Metadata?.Name).toBe(RuleName);
  expect(Rules).toEqual([
    {
      Name: RuleName,
      Enabled: true,
      ScanEnabled: true,
      Recipients: ['inbound.throughline.example'],
      Actions: [
        {
          S3Action: {
            BucketName: 'mails',
            ObjectKeyPrefix: 'raw/',
            TopicArn: 'arn:aws:sns:eu-central-1:000000000000:received',
          },
        },
      ],
    },
  ]);
});

it('goes first into the active set of others, and leaves theirs as they are, to the end', async () => {
  await makeCorporateSet('bounce-all');
  expect(await ask('Create')).toMatchObject({ PhysicalResourceId: `corporate/${RuleName}` });
  expect(await activeSet()).toEqual({ name: 'corporate', rules: [RuleName, 'bounce-all'] });
  await ask('Delete', { PhysicalResourceId: `corporate/${RuleName}` });
  expect(await activeSet()).toEqual({ name: 'corporate', rules: ['bounce-all'] });
});

it('changes nothing more when it is asked again', async () => {
  await ask('Create');
  expect(await ask('Create')).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: `${RuleName}/${RuleName}` });
  expect(await activeSet()).toEqual({ name: RuleName, rules: [RuleName] });
  for (let times = 0; times < 2; times++) {
    expect(await ask('Delete', { PhysicalResourceId: `${RuleName}/${RuleName}` })).toMatchObject({ Status: 'SUCCESS' });
  }
  expect(await activeSet()).toEqual({ name: undefined, rules: [] });
});

it('follows an update in place, so that CloudFormation deletes nothing', async () => {
  await ask('Create');
  const ResourceProperties = { ...properties, Domain: 'mail.throughline.example' };
  const place = `${RuleName}/${RuleName}`;
  expect(await ask('Update', { PhysicalResourceId: place, ResourceProperties })).toMatchObject({
    PhysicalResourceId: place,
  });
  const { Rules } = await ses.send(new DescribeActiveReceiptRuleSetCommand({}));
  expect(Rules?.[0]?.Recipients).toEqual(['mail.throughline.example']);
});

it('moves with the next update once others made their set the active one, and the deletion of the old place spares it', async () => {
  await ask('Create');
  await makeCorporateSet('bounce-all');
  expect(await ask('Update', { PhysicalResourceId: `${RuleName}/${RuleName}` })).toMatchObject({
    PhysicalResourceId: `corporate/${RuleName}`,
  });
  await ask('Delete', { PhysicalResourceId: `${RuleName}/${RuleName}` });
  expect(await activeSet()).toEqual({ name: 'corporate', rules: [RuleName, 'bounce-all'] });
  await expect(ses.send(new DescribeReceiptRuleSetCommand({ RuleSetName: RuleName }))).rejects.toMatchObject({
    name: 'RuleSetDoesNotExistException',
  });
});

it('says why it failed, and the rollback of a creation removes what had come of it', async () => {
  const faulty = clientOf(front.endpoint('ses'));
  const mock = mockClient(faulty);
  const limit = new LimitExceededException({ message: 'Too many rules.', $metadata: {} });
  mock.on(DescribeActiveReceiptRuleSetCommand).callsFake(() => ses.send(new DescribeActiveReceiptRuleSetCommand({})));
  mock.on(DescribeReceiptRuleSetCommand).callsFake((input) => ses.send(new DescribeReceiptRuleSetCommand(input)));
  mock.on(CreateReceiptRuleSetCommand).callsFake((input) => ses.send(new CreateReceiptRuleSetCommand(input)));
  mock.on(CreateReceiptRuleCommand).rejects(limit);
  expect(await ask('Create', {}, faulty)).toMatchObject({
    Status: 'FAILED',
    PhysicalResourceId: 'half-created',
    Reason: 'LimitExceededException: Too many rules.',
  });
  await ses.send(new DescribeReceiptRuleSetCommand({ RuleSetName: RuleName }));
  expect(await ask('Delete', { PhysicalResourceId: 'half-created' })).toMatchObject({ Status: 'SUCCESS' });
  await expect(ses.send(new DescribeReceiptRuleSetCommand({ RuleSetName: RuleName }))).rejects.toThrow();
});

it('refuses properties that name no rule, and deletes nothing for them', async () => {
  await makeCorporateSet('bounce-all');
  const ResourceProperties = { ...properties, RuleName: 'with/slash' };
  expect(await ask('Create', { ResourceProperties })).toMatchObject({ Status: 'FAILED' });
  await ask('Delete', { PhysicalResourceId: 'half-created', ResourceProperties });
  expect(await activeSet()).toEqual({ name: 'corporate', rules: ['bounce-all'] });
});
