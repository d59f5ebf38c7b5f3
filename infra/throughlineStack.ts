import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { operations } from '../shared/contracts/operations.ts';
import { EncryptionKey } from './encryptionKey.ts';
import { HttpApi } from './httpApi.ts';
import { Parameters } from './parameters.ts';
import { Projection } from './projection.ts';
import { ThroughlineFunction } from './throughlineFunction.ts';
import { TimelineTable } from './timelineTable.ts';

export interface ThroughlineStackProps extends StackProps {
  /** Where the bundled functions lie: `<bundlesDir>/<verb-noun>/index.mjs`. */
  bundlesDir: string;
}

/** Everything that Throughline needs in an account. It composes; what a part is stands in the part's own file. */
export class ThroughlineStack extends Stack {
  constructor(scope: Construct, id: string, { bundlesDir, ...props }: ThroughlineStackProps) {
    super(scope, id, props);
    const encryptionKey = new EncryptionKey(this, 'Encryption');
    const timeline = new TimelineTable(this, 'Timeline', encryptionKey);
    const parameters = new Parameters(this, 'Parameters', encryptionKey);

    const collectEvents = new ThroughlineFunction(this, {
      name: 'collect-events',
      description: 'Takes in events of websites and servers',
      bundlesDir,
      memoryMegabytes: 512,
      timeoutSeconds: 20,
    });
    timeline.allow(collectEvents, ['PutItem', 'PartiQLInsert']);
    parameters.allowRead(collectEvents);

    const converse = new ThroughlineFunction(this, {
      name: 'converse',
      description: 'Serves the conversation in the website widget',
      bundlesDir,
      memoryMegabytes: 512,
      timeoutSeconds: 20,
    });
    timeline.allow(converse, ['BatchGetItem', 'PutItem', 'Query']);
    parameters.allowRead(converse);

    const agentApi = new ThroughlineFunction(this, {
      name: 'agent-api',
      description: 'Serves customers and conversations to agents and their software',
      bundlesDir,
      memoryMegabytes: 512,
      timeoutSeconds: 20,
    });
    timeline.allow(agentApi, ['BatchGetItem', 'GetItem', 'PutItem', 'Query']);
    timeline.allowInboxQuery(agentApi);
    parameters.allowRead(agentApi);

    const describeApi = new ThroughlineFunction(this, {
      name: 'describe-api',
      description: 'Answers health and the OpenAPI document',
      bundlesDir,
      memoryMegabytes: 256,
      timeoutSeconds: 5,
    });

    const projectTimeline = new ThroughlineFunction(this, {
      name: 'project-timeline',
      description: 'Folds new interactions into heads and conversation cards',
      bundlesDir,
      memoryMegabytes: 512,
      timeoutSeconds: 60,
    });
    timeline.allow(projectTimeline, ['ConditionCheckItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem']);
    new Projection(this, 'Projection', { timeline, projectTimeline });

    const api = new HttpApi(this, 'Http', {
      operations,
      functions: {
        'agent-api': agentApi,
        'collect-events': collectEvents,
        'describe-api': describeApi,
        converse,
      },
    });

    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'TableName', { value: timeline.table.tableName });
    new CfnOutput(this, 'ParameterPrefix', { value: parameters.prefix });
  }
}
