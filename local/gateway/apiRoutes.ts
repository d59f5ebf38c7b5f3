import type { Deployment } from '../ports.ts';

export interface ApiRoute {
  /** Such as `GET /customers/{id}`, `ANY /{proxy+}` or `$default`. */
  routeKey: string;
  /** The logical id of the function that answers. */
  functionId: string;
}

/** The routes of the stack's HTTP API. Throws where a route leads to something else than a function of the stack. */
export function apiRoutes(deployment: Deployment): ApiRoute[] {
  const integrations = new Map(
    deployment
      .ofType('AWS::ApiGatewayV2::Integration')
      .map((integration) => [integration.physicalId, String(integration.properties.IntegrationUri)]),
  );
  return deployment.ofType('AWS::ApiGatewayV2::Route').map(({ logicalId, properties }) => {
    const integration = String(properties.Target).replace('integrations/', '');
    const target = deployment.byArn(functionArn(integrations.get(integration) ?? ''));
    if (target?.type !== 'AWS::Lambda::Function') throw new Error(`The route ${logicalId} leads to no function.`);
    return { routeKey: String(properties.RouteKey), functionId: target.logicalId };
  });
}

/** An integration names the function itself or the path that invokes it. */
function functionArn(uri: string): string {
  return /functions\/(.+)\/invocations$/.exec(uri)?.[1] ?? uri;
}
