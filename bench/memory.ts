import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { buildFunctions } from '../infra/buildFunctions.ts';
import { functionEnvironment } from '../local/functions/functionEnvironment.ts';
import { apiRoutes } from '../local/gateway/apiRoutes.ts';
import { matchRoute, parseRoute } from '../local/gateway/matchRoute.ts';
import { requestEvent } from '../local/gateway/requestEvent.ts';
import type { Platform } from '../local/platform.ts';
import { driveCallers } from './drive.ts';
import { onPlatform } from './onPlatform.ts';
import { onStage } from './onStage.ts';
import { eventOf } from './practice.ts';
import { takeIn } from './requests.ts';
import type { Row } from './row.ts';

/** Invocations of a function in one process: enough for code to be optimised and garbage to be collected. */
const invocations = 500;

/** The most memory that the platform and single functions have at once. */
export async function memoryRows(): Promise<Row[]> {
  const platform = await onStage(async (stage) => {
    const rested = await stage.peakMegabytes();
    await driveCallers(stage.url, { connections: 50, durationMs: 5_000 }, takeIn(stage));
    await stage.drain();
    return { rested, loaded: await stage.peakMegabytes() };
  });
  return [
    { name: 'memory: the platform, started', value: Math.round(platform.rested), unit: 'MB' },
    { name: 'memory: the platform, after 50 connections', value: Math.round(platform.loaded), unit: 'MB' },
    ...(await onPlatform(functionRows)),
  ];
}

/** As Lambda tells it: the whole process. Each function is promised what the template gives it. */
async function functionRows(platform: Platform): Promise<Row[]> {
  const { outDir } = await buildFunctions();
  const { deployment, endpoints, keys } = platform;
  const routes = apiRoutes(deployment).map(({ routeKey, functionId }) => parseRoute(routeKey, functionId));
  const requests = [
    { method: 'POST', url: '/v1/track', key: keys.serverWriteKey, body: JSON.stringify(eventOf(1024, 'm', 'm')) },
    { method: 'GET', url: '/lookup?userId=m', key: keys.lookupKey, body: '' },
  ];
  const rows: Row[] = [];
  for (const { method, url, key, body } of requests) {
    const match = matchRoute(routes, method, url.replace(/\?.*/, ''));
    if (match === undefined) throw new Error(`No route leads to ${method} ${url}.`);
    const resource = deployment.byLogicalId(match.route.target);
    const name = resource.physicalId.slice(deployment.stackName.length + 1);
    const authorization = `Basic ${Buffer.from(`${key}:`).toString('base64')}`;
    const event = requestEvent(
      {
        method,
        url,
        rawHeaders: ['host', 'localhost', 'authorization', authorization, 'content-type', 'application/json'],
        body: Buffer.from(body),
        sourceIp: '127.0.0.1',
        protocol: 'HTTP/1.1',
        port: 80,
      },
      { routeKey: match.route.key, parameters: match.parameters, requestId: 'bench', nowMs: Date.now() },
    );
    const environment = functionEnvironment(resource, endpoints, outDir);
    const megabytes = await peakMegabytes(join(outDir, name, 'index.mjs'), environment, event);
    rows.push({
      name: `memory: ${name}, ${invocations} invocations`,
      value: Math.round(megabytes),
      unit: 'MB',
      promise: Number(resource.properties.MemorySize),
    });
  }
  return rows;
}

/** Invokes a bundle again and again in a process of its own. Rejects unless it answers 200. */
async function peakMegabytes(bundle: string, environment: Record<string, string>, event: object): Promise<number> {
  const script = [
    'const { handler } = await import(process.argv[1]);',
    'const event = JSON.parse(process.argv[2]);',
    `for (let index = 0; index < ${invocations}; index++) {`,
    "  const { statusCode } = await handler(event, { awsRequestId: 'bench' });",
    "  if (statusCode !== 200) throw new Error('answered ' + statusCode);",
    '}',
    // What the function logged stands before; open connections would keep the process.
    "process.stdout.write('\\n' + process.resourceUsage().maxRSS, () => process.exit());",
  ].join('\n');
  const parameters = ['--input-type=module', '--eval', script, pathToFileURL(bundle).href, JSON.stringify(event)];
  const { stdout } = await run(process.execPath, parameters, { env: environment, maxBuffer: 64 * 1024 * 1024 });
  return Number(stdout.slice(stdout.lastIndexOf('\n'))) / 1024;
}

const run = promisify(execFile);
