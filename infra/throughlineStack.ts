import { CfnOutput, Fn, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { operations } from '../shared/contracts/operations.ts';
import { Alarms } from './alarms.ts';
import { Dashboard } from './dashboard.ts';
import { DueItems } from './dueItems.ts';
import { EncryptionKey } from './encryptionKey.ts';
import { FollowUps } from './followUps.ts';
import { HttpApi } from './httpApi.ts';
import { InboundMail } from './inboundMail.ts';
import { Parameters } from './parameters.ts';
import { Projection } from './projection.ts';
import { PublicUrl } from './publicUrl.ts';
import { Repair } from './repair.ts';
import { functionsOf, ThroughlineFunction } from './throughlineFunction.ts';
import { TimelineTable } from './timelineTable.ts';
import { Tracing } from './tracing.ts';

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
    timeline.allow(converse, ['BatchGetItem', 'GetItem', 'PutItem', 'Query']);
    parameters.allowRead(converse);
    // The parameter of follow-ups: in that name the mails go out whose links lead here.
    converse.function.addEnvironment('COMPANY_NAME', Fn.ref('CompanyName'));

    const agentApi = new ThroughlineFunction(this, {
      name: 'agent-api',
      description: 'Serves customers and conversations to agents and their software',
      bundlesDir,
      memoryMegabytes: 512,
      timeoutSeconds: 20,
    });
    timeline.allow(agentApi, ['BatchGetItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query']);
    timeline.allowInboxQuery(agentApi);
    parameters.allowRead(agentApi);

    const lookupCustomer = new ThroughlineFunction(this, {
      name: 'lookup-customer',
      description: 'Tells call-center software who calls',
      bundlesDir,
      memoryMegabytes: 512,
      // Telephone systems wait about three seconds.
      timeoutSeconds: 5,
    });
    timeline.allow(lookupCustomer, ['Query']);
    parameters.allowRead(lookupCustomer);

    const receiveCall = new ThroughlineFunction(this, {
      name: 'receive-call',
      description: 'Takes in calls and text messages of phone lines',
      bundlesDir,
      memoryMegabytes: 512,
      // Twilio waits 15 seconds; a caller hears nothing meanwhile.
      timeoutSeconds: 10,
    });
    timeline.allow(receiveCall, ['PutItem']);
    parameters.allowRead(receiveCall);

    const receiveEmail = new ThroughlineFunction(this, {
      name: 'receive-email',
      description: 'Takes in mail that SES received',
      bundlesDir,
      // A mail of 40 MB lies in memory more than once while it is read.
      memoryMegabytes: 1024,
      timeoutSeconds: 60,
    });
    timeline.allow(receiveEmail, ['PutItem']);
    timeline.allowTokenRead(receiveEmail);
    parameters.allowRead(receiveEmail);
    const inboundMail = new InboundMail(this, 'InboundMail', { bundlesDir, encryptionKey, receiveEmail });

    const describeApi = new ThroughlineFunction(this, {
      name: 'describe-api',
      description: 'Answers health, the OpenAPI document and its reference',
      bundlesDir,
      memoryMegabytes: 256,
      timeoutSeconds: 5,
    });

    const projectTimeline = new ThroughlineFunction(this, {
      name: 'project-timeline',
      description: 'Links new interactions and folds them into heads and conversation cards',
      bundlesDir,
      memoryMegabytes: 512,
      timeoutSeconds: 60,
    });
    timeline.allow(projectTimeline, ['ConditionCheckItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem']);
    parameters.allowRead(projectTimeline);

    const followUps = new FollowUps(this, 'FollowUps', { bundlesDir, timeline, parameters });
    const decideFollowUps = new ThroughlineFunction(this, {
      name: 'decide-follow-ups',
      description: 'Folds linked customers and decides which follow-ups may be due',
      bundlesDir,
      memoryMegabytes: 512,
      timeoutSeconds: 60,
    });
    timeline.allow(decideFollowUps, ['ConditionCheckItem', 'DeleteItem', 'GetItem', 'PutItem', 'Query', 'UpdateItem']);
    followUps.allowEnqueue(decideFollowUps);
    const repair = new Repair(this, 'Repair', { bundlesDir, timeline, parameters });
    repair.allowEnqueue(projectTimeline);
    repair.allowEnqueue(decideFollowUps);
    const dueItems = new DueItems(this, 'DueItems', { bundlesDir, timeline });
    new Projection(this, 'Projection', { timeline, projectTimeline, decideFollowUps });

    const api = new HttpApi(this, 'Http', {
      operations,
      functions: {
        'agent-api': agentApi,
        'collect-events': collectEvents,
        'describe-api': describeApi,
        'lookup-customer': lookupCustomer,
        'manage-preferences': followUps.managePreferences,
        'receive-call': receiveCall,
        converse,
      },
    });
    const publicUrl = new PublicUrl(this, 'PublicUrl', api);
    publicUrl.tell(converse);
    publicUrl.tell(lookupCustomer);
    publicUrl.tell(receiveCall);
    publicUrl.tell(followUps.sendMessage);

    // Last, because they look at every queue and function of the stack.
    // The sweep runs also where nothing happens: its traces alone would cost 22 cents a month.
    new Tracing(
      this,
      'Tracing',
      functionsOf(this).filter((one) => one !== dueItems.sweepDue),
    );
    const dashboard = new Dashboard(this, 'Dashboard', {
      api,
      timeline,
      projections: [projectTimeline, decideFollowUps],
    });
    new Alarms(this, 'Alarms', {
      encryptionKey,
      api,
      projections: [projectTimeline, decideFollowUps],
      sweep: dueItems.sweepDue,
      mailsIn: inboundMail.queue,
      sends: followUps.queue,
    });

    new CfnOutput(this, 'EncryptionKeyArn', { value: encryptionKey.key.keyArn });
    new CfnOutput(this, 'PublicAddress', { value: publicUrl.value });
    new CfnOutput(this, 'ApiUrl', { value: api.url });
    new CfnOutput(this, 'DashboardUrl', { value: dashboard.url });
    new CfnOutput(this, 'TableName', { value: timeline.table.tableName });
    new CfnOutput(this, 'ParameterPrefix', { value: parameters.prefix });
  }
}
