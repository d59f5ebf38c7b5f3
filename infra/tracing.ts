import { CfnParameter } from 'aws-cdk-lib';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge.ts';
import type { ThroughlineFunction } from './throughlineFunction.ts';

/**
 * Whether functions record traces with X-Ray. Traces of all that happens cost more than what they show, and nobody can
 * tell Lambda how many to take, so they are switched on to look into something. Trace ids are passed on always.
 */
export class Tracing extends Construct {
  constructor(scope: Construct, id: string, functions: readonly ThroughlineFunction[]) {
    super(scope, id);
    const mode = new CfnParameter(this, 'Mode', {
      type: 'String',
      default: 'PassThrough',
      allowedValues: ['Active', 'PassThrough'],
      description: 'Active: functions record traces with X-Ray, at up to $5 for a million invocations',
    });
    mode.overrideLogicalId('Tracing');
    // Beside the functions' own policies, so that this wildcard excuses no other one there.
    const policy = new Policy(this, 'Policy');
    const record = new PolicyStatement({
      actions: ['xray:PutTelemetryRecords', 'xray:PutTraceSegments'],
      resources: ['*'],
    });
    policy.addStatements(record);
    acknowledgeWildcards(policy, record, 'IAM knows no resource for traces; they are written with it and not read.');
    for (const { function: target } of functions) {
      const resource = target.node.defaultChild;
      if (!(resource instanceof CfnFunction)) throw new Error('A function is no AWS::Lambda::Function.');
      resource.tracingConfig = { mode: mode.valueAsString };
      if (target.role) policy.attachToRole(target.role);
      // Lambda refuses a function that is to record and may not.
      target.node.addDependency(policy);
    }
  }
}
