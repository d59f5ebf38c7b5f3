import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { type PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { acknowledgeWildcards } from './acknowledge.ts';

export interface ThroughlineFunctionProps {
  /** Verb and noun: the folder below `functions/`, the name of the log service, the end of the deployed name. */
  name: string;
  description: string;
  /** Where the bundles lie: `<bundlesDir>/<name>/index.mjs`. */
  bundlesDir: string;
  memoryMegabytes: number;
  timeoutSeconds: number;
}

/** One function with its own role, which at first may do nothing but write its own log. */
export class ThroughlineFunction extends Construct {
  readonly name: string;
  readonly function: LambdaFunction;
  private readonly role: Role;

  constructor(scope: Construct, props: ThroughlineFunctionProps) {
    super(scope, pascalCase(props.name));
    this.name = props.name;
    const functionName = `${Stack.of(this).stackName}-${props.name}`;
    const logGroup = new LogGroup(this, 'Log', {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.role = new Role(this, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(this.role);
    this.function = new LambdaFunction(this, 'Function', {
      functionName,
      description: props.description,
      runtime: Runtime.NODEJS_24_X,
      architecture: Architecture.ARM_64,
      handler: 'index.handler',
      code: bundle(props.bundlesDir, props.name),
      memorySize: props.memoryMegabytes,
      timeout: Duration.seconds(props.timeoutSeconds),
      role: this.role,
      logGroup,
      environment: {
        NODE_OPTIONS: '--enable-source-maps',
        POWERTOOLS_METRICS_NAMESPACE: 'Throughline',
        POWERTOOLS_SERVICE_NAME: props.name,
      },
    });
  }

  /** Adds one statement to the function's own policy; one that ends in a wildcard says why. */
  allow(statement: PolicyStatement, whyWildcard?: string): void {
    this.role.addToPolicy(statement);
    if (whyWildcard !== undefined) acknowledgeWildcards(this, statement, whyWildcard);
  }
}

/** Every function that the stack has so far. */
export function functionsOf(scope: Construct): ThroughlineFunction[] {
  const all = Stack.of(scope).node.findAll();
  return all.filter((construct) => construct instanceof ThroughlineFunction);
}

function bundle(bundlesDir: string, name: string): Code {
  const path = join(bundlesDir, name);
  if (!existsSync(join(path, 'index.mjs'))) {
    throw new Error(`The function ${name} has no bundle at ${join(path, 'index.mjs')}: build the functions first.`);
  }
  return Code.fromAsset(path);
}

function pascalCase(verbNoun: string): string {
  return verbNoun.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
