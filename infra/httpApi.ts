import { RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccessLogFormat } from 'aws-cdk-lib/aws-apigateway';
import {
  CfnStage,
  HttpApi as GatewayApi,
  HttpMethod,
  HttpStage,
  LogGroupLogDestination,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { HttpFunction, Operation } from '../shared/contracts/operations.ts';
import { acknowledge } from './acknowledge.ts';
import { otherwise, throttleOf } from './throttling.ts';
import type { ThroughlineFunction } from './throughlineFunction.ts';

export interface HttpApiProps {
  operations: readonly Operation[];
  functions: Record<HttpFunction, ThroughlineFunction>;
}

/**
 * The front door: one route per operation and nothing else.
 * CORS stays with the functions, which know each source's origins; the gateway's own would discard their headers.
 */
export class HttpApi extends Construct {
  readonly url: string;
  /** The same without a slash at its end. */
  readonly endpoint: string;
  private readonly api: GatewayApi;

  constructor(scope: Construct, id: string, props: HttpApiProps) {
    super(scope, id);
    const { stackName } = Stack.of(this);
    const api = new GatewayApi(this, 'Api', { apiName: stackName, createDefaultStage: false });
    const accessLog = new LogGroup(this, 'AccessLog', {
      // Below this path the gateway needs no resource policy per log group, of which an account has ten.
      logGroupName: `/aws/vendedlogs/throughline/${stackName}/access`,
      retention: RetentionDays.ONE_MONTH,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const stage = new HttpStage(this, 'Stage', {
      httpApi: api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: otherwise.perSecond, burstLimit: otherwise.burst },
      accessLogSettings: {
        destination: new LogGroupLogDestination(accessLog),
        format: AccessLogFormat.custom(JSON.stringify(accessLogFields)),
      },
    });
    const integrations = new Map<HttpFunction, HttpLambdaIntegration>();
    for (const { function: name, method, path } of props.operations) {
      const integration = integrations.get(name) ?? integrate(props.functions[name]);
      integrations.set(name, integration);
      // A stage refuses settings of routes that do not exist yet.
      stage.node.addDependency(...api.addRoutes({ path, methods: [HttpMethod[method]], integration }));
    }
    throttle(stage, props.operations);
    acknowledge(
      api,
      'APIG4',
      'Functions check what callers show (write keys, session tokens, signatures, link tokens), which authorizers cannot.',
    );
    this.api = api;
    this.url = stage.url;
    this.endpoint = api.apiEndpoint;
  }

  /** What the gateway counts: `Count`, `4xx`, and `5xx`, of functions and of its own. */
  metric(name: 'Count' | '4xx' | '5xx', options: MetricOptions): Metric {
    return this.api.metric(name, options);
  }
}

/** The route's pattern instead of the path: paths carry write keys and customer ids, query strings carry identifiers. */
const accessLogFields = {
  requestId: '$context.requestId',
  requestTime: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  responseLengthBytes: '$context.responseLength',
  latencyMs: '$context.responseLatency',
  integrationLatencyMs: '$context.integrationLatency',
  integrationError: '$context.integrationErrorMessage',
};

function throttle(stage: HttpStage, operations: readonly Operation[]): void {
  const resource = stage.node.defaultChild;
  if (!(resource instanceof CfnStage)) throw new Error('The stage is no AWS::ApiGatewayV2::Stage.');
  resource.routeSettings = Object.fromEntries(
    operations.map((operation) => {
      const { burst, perSecond } = throttleOf(operation);
      const settings = { ThrottlingRateLimit: perSecond, ThrottlingBurstLimit: burst };
      return [`${operation.method} ${operation.path}`, settings];
    }),
  );
}

function integrate(target: ThroughlineFunction): HttpLambdaIntegration {
  // One permission per function: one per route would outgrow the 20 KB of a function's policy.
  return new HttpLambdaIntegration(target.name, target.function, { scopePermissionToRoute: false });
}
