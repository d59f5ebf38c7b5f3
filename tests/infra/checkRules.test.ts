import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { describe, expect, it } from 'vitest';
import { checkRules } from '../../infra/checkRules.ts';
import { ThroughlineFunction } from '../../infra/throughlineFunction.ts';
import { synthesizedResources } from './synthesized.ts';

describe('AWS’s rules for solutions', () => {
  it('are kept by every resource of the stack, or the construct says why not; the template is the same unchecked', () => {
    expect(synthesizedResources({ check: checkRules })).toEqual(synthesizedResources());
  });

  it('let the synthesis fail for a topic that takes unencrypted messages', () => {
    const careless = () =>
      synthesizedResources({
        check: (app) => {
          checkRules(app);
          new Topic(new Stack(app, 'Careless'), 'Open');
        },
      });
    expect(careless).toThrow('AwsSolutions-SNS3');
  });

  it('let it fail for one more wildcard in the policy of a function that explained another one', () => {
    const careless = () =>
      synthesizedResources({
        check: (app) => {
          checkRules(app);
          app.node.addValidation({
            validate: () => {
              const functions = app.node.findAll().filter((construct) => construct instanceof ThroughlineFunction);
              const target = functions.find(({ name }) => name === 'receive-email');
              target?.allow(new PolicyStatement({ actions: ['s3:GetObject'], resources: ['*'] }));
              return target ? [] : ['No function receive-email'];
            },
          });
        },
      });
    expect(careless).toThrow('AwsSolutions-IAM5[Resource::*]');
  });
});
