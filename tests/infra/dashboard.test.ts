import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { logQueries } from '../../infra/dashboard.ts';
import { metricNames } from '../../shared/platform/log.ts';
import { flat, ofType, synthesizedResources } from './synthesized.ts';

const resources = synthesizedResources();

interface Widget {
  type: string;
  properties: { title?: string; query?: string; metrics?: unknown[][] };
}

const [[, dashboard], ...others] = ofType(resources, 'AWS::CloudWatch::Dashboard') as [
  ReturnType<typeof ofType>[number],
  ...unknown[],
];
const { widgets } = JSON.parse(String(flat(dashboard.Properties.DashboardBody))) as { widgets: Widget[] };
const shown = widgets.flatMap(({ properties }) => properties.metrics ?? []).map(metricOf);

/** What AWS publishes, by the type of resource whose name a dimension must hold. */
const published: Record<string, { type: string; dimension: string; names: string[] }> = {
  'AWS/Lambda': {
    type: 'AWS::Lambda::Function',
    dimension: 'FunctionName',
    names: ['Errors', 'IteratorAge'],
  },
  'AWS/SQS': {
    type: 'AWS::SQS::Queue',
    dimension: 'QueueName',
    names: ['ApproximateAgeOfOldestMessage', 'ApproximateNumberOfMessagesVisible'],
  },
  'AWS/ApiGateway': { type: 'AWS::ApiGatewayV2::Api', dimension: 'ApiId', names: ['Count', '4xx', '5xx'] },
  'AWS/DynamoDB': {
    type: 'AWS::DynamoDB::GlobalTable',
    dimension: 'TableName',
    names: ['ConsumedReadCapacityUnits', 'ConsumedWriteCapacityUnits'],
  },
};

describe('the dashboard', () => {
  it('is one, and shows few enough metrics to be free', () => {
    expect(others).toEqual([]);
    expect(shown.length).toBeGreaterThan(30);
    expect(shown.length).toBeLessThanOrEqual(50);
  });

  it('shows every metric that functions count, with the dimension that they give it, and no other of that name', () => {
    const ours = shown.filter(({ namespace }) => namespace === 'Throughline');
    expect(ours.map(({ name }) => name).sort()).toEqual([...metricNames].sort());
    expect(new Set(ours.map(({ dimensions }) => JSON.stringify(dimensions)))).toEqual(
      new Set(['{"service":"throughline"}']),
    );
  });

  it('shows of AWS what is published for a resource of this stack', () => {
    const unpublished = shown
      .filter(({ namespace }) => namespace !== 'Throughline')
      .filter(({ dimensions, name, namespace }) => {
        const { dimension = '', names = [], type = '' } = published[namespace] ?? {};
        const id = dimensions[dimension]?.replace(/\.QueueName$/, '') ?? '';
        return !(names.includes(name) && resources[id]?.Type === type && Object.keys(dimensions).length === 1);
      });
    expect(unpublished).toEqual([]);
  });

  it('shows the lag of stream consumers, the age of every queue that is worked off, all dead letters and all errors', () => {
    const of = (metric: string) =>
      shown
        .filter(({ name }) => name === metric)
        .flatMap(({ dimensions }) => Object.values(dimensions))
        .sort();
    const streams = ofType(resources, 'AWS::Lambda::EventSourceMapping').filter(
      ([, one]) => one.Properties.StartingPosition,
    );
    expect(of('IteratorAge')).toEqual(streams.map(([, one]) => flat(one.Properties.FunctionName)).sort());
    const queues = ofType(resources, 'AWS::SQS::Queue');
    const named = (isWorkedOff: boolean) =>
      queues
        .filter(([, { Properties }]) => (Properties.RedrivePolicy !== undefined) === isWorkedOff)
        .map(([id]) => `${id}.QueueName`)
        .sort();
    expect(of('ApproximateAgeOfOldestMessage')).toEqual(named(true));
    expect(of('ApproximateNumberOfMessagesVisible')).toEqual(named(false));
    expect(of('Errors')).toEqual(
      ofType(resources, 'AWS::Lambda::Function')
        .map(([id]) => id)
        .sort(),
    );
  });
});

describe('what the dashboard asks of the logs', () => {
  const asked = widgets.flatMap(({ properties: { query } }) => query ?? []);

  it('is asked of the logs of all functions', () => {
    const groups = ofType(resources, 'AWS::Lambda::Function').map(
      ([, one]) => (flat(one.Properties.LoggingConfig) as { LogGroup: string }).LogGroup,
    );
    expect(asked).toHaveLength(Object.keys(logQueries).length);
    for (const query of asked) {
      const sources = [...query.matchAll(/SOURCE '([^']+)'/g)].map(([, name]) => name);
      expect(sources.sort()).toEqual([...groups].sort());
    }
  });

  it('names messages that functions log', () => {
    const source = ['functions', 'shared'].flatMap(sourcesBelow).join('\n');
    const messages = Object.values(logQueries)
      .flatMap(({ lines }) => lines.filter((line) => line.startsWith('filter')))
      .flatMap((line) => [...line.replace(/service = "[^"]+"/, '').matchAll(/"([^"]+)"/g)].map(([, text]) => text));
    expect(messages.length).toBeGreaterThan(5);
    expect(messages.filter((text) => !new RegExp(`log\\.(info|warn)\\('${text}'`).test(source))).toEqual([]);
  });
});

function metricOf([namespace, name, ...rest]: unknown[]) {
  const parts = rest.filter((part) => typeof part === 'string');
  const dimensions: Record<string, string> = {};
  for (let index = 0; index + 1 < parts.length; index += 2) dimensions[`${parts[index]}`] = `${parts[index + 1]}`;
  return { namespace: String(namespace), name: String(name), dimensions };
}

function sourcesBelow(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(directory, name), 'utf8'));
}
