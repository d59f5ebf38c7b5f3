import { beforeAll, describe, expect, it } from 'vitest';
import { idleSweep } from '../../bench/idleSweep.ts';
import { onTable } from '../../bench/onTable.ts';
import { idleCost, type SweepUnits, totalOf } from '../../infra/idleCost.ts';
import { synthesizedResources } from './synthesized.ts';

const template = { Resources: synthesizedResources() };
let sweep: SweepUnits;

beforeAll(async () => {
  const { read, write } = await onTable(idleSweep);
  sweep = { readUnits: read, writeUnits: write };
});

describe('a month in which nothing happens', () => {
  it('costs less than four dollars', () => {
    const dollars = totalOf(idleCost(template, sweep));
    expect(dollars).toBeLessThan(4);
    // Nothing was left out by mistake: the key, the alarms and four polled queues alone cost more than three.
    expect(dollars).toBeGreaterThan(3);
  });

  it('costs more with another key, another polled queue, another alarm', () => {
    const more = structuredClone(template);
    for (const [id, resource] of Object.entries(template.Resources)) {
      const isQueueMapping = resource.Type === 'AWS::Lambda::EventSourceMapping' && resource.Properties.ScalingConfig;
      if (isQueueMapping || ['AWS::KMS::Key', 'AWS::CloudWatch::Alarm'].includes(resource.Type)) {
        more.Resources[`Another${id}`] = resource;
      }
    }
    expect(totalOf(idleCost(more, sweep))).toBeGreaterThan(6);
  });

  it('is counted from the template: by metrics of alarms, by polled queues, by minutes of schedules', () => {
    const queue = { Type: 'AWS::Lambda::EventSourceMapping', Properties: { EventSourceArn: 'queue' } };
    const lines = idleCost(
      {
        Resources: {
          Key: { Type: 'AWS::KMS::Key' },
          Alarm: {
            Type: 'AWS::CloudWatch::Alarm',
            Properties: { Metrics: [{ Expression: 'a + b' }, { MetricStat: {} }, { MetricStat: {} }] },
          },
          SimpleAlarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { MetricName: '5xx' } },
          Queue: queue,
          Stream: { ...queue, Properties: { StartingPosition: 'TRIM_HORIZON' } },
          Sweep: { Type: 'AWS::Lambda::Function', Properties: { MemorySize: 512 } },
          Hourly: {
            Type: 'AWS::Scheduler::Schedule',
            Properties: { ScheduleExpression: 'rate(1 hour)', Target: { Arn: { 'Fn::GetAtt': ['Sweep', 'Arn'] } } },
          },
        },
      },
      { readUnits: 2, writeUnits: 1 },
    );
    const dollars = Object.fromEntries(lines.map((line) => [line.what, Math.round(line.dollars * 1e5) / 1e5]));
    expect(dollars).toMatchObject({
      'encryption keys': 1,
      alarms: 0.3,
      // Five connections, three times a minute, for 43,800 minutes, at 40 cents a million.
      'asking empty queues': 0.2628,
      schedules: 0.00073,
      'sweeps: a second each': 0.00487,
      'sweeps: reading the table': 0.00018,
      'sweeps: remembering how far': 0.00046,
    });
  });

  it('counts a dashboard that is one of more than three in an account, or that shows more than fifty metrics', () => {
    const dashboard = (metrics: number) => ({
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: {
        DashboardBody: JSON.stringify({ widgets: [{ properties: { metrics: Array(metrics).fill([]) } }] }),
      },
    });
    const dollars = (...sizes: number[]) =>
      idleCost({ Resources: Object.fromEntries(sizes.map(dashboard).entries()) }, { readUnits: 0, writeUnits: 0 })
        .filter(({ what }) => what.startsWith('dashboards'))
        .map((line) => line.dollars);
    expect([dollars(50, 50, 50), dollars(50, 50, 50, 50), dollars(51)]).toEqual([[0], [3], [3]]);
  });

  it('is not counted where a resource has a type whose price nobody looked at', () => {
    const withGateway = { Resources: { ...template.Resources, Way: { Type: 'AWS::EC2::NatGateway' } } };
    expect(() => idleCost(withGateway, sweep)).toThrow('No price is known for AWS::EC2::NatGateway.');
  });
});
