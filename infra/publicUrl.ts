import { CfnCondition, CfnParameter, Fn, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { HttpApi } from './httpApi.ts';
import type { ThroughlineFunction } from './throughlineFunction.ts';

/**
 * The address under which the outside world knows the API, without a slash at its end. Functions that sign addresses
 * or put them into answers and mails use it, never the Host header.
 */
export class PublicUrl extends Construct {
  readonly value: string;

  constructor(scope: Construct, id: string, api: HttpApi) {
    super(scope, id);
    const parameter = new CfnParameter(this, 'Parameter', {
      type: 'String',
      default: '',
      allowedPattern: '(https://[^/]+)?',
      description: 'Address of the API with its own domain, such as https://api.example.com; empty for its default one',
    });
    parameter.overrideLogicalId('PublicUrl');
    const isGiven = new CfnCondition(this, 'IsGiven', {
      expression: Fn.conditionNot(Fn.conditionEquals(parameter.valueAsString, '')),
    });
    this.value = Token.asString(Fn.conditionIf(isGiven.logicalId, parameter.valueAsString, api.endpoint));
  }

  /** Tells the function the address. */
  tell(target: ThroughlineFunction): void {
    target.function.addEnvironment('PUBLIC_URL', this.value);
  }
}
