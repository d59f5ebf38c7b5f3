import { asText } from '../events/json.ts';
import type { DeployedResource, Deployment } from '../ports.ts';
import type { StoredSchedule } from './scheduleStore.ts';
import { inMilliseconds } from './scheduleTimes.ts';

type DeployedSchedule = Pick<StoredSchedule, 'group' | 'name' | 'origin' | 'definition'>;

/** Rules have no groups of the Scheduler's; this one cannot be named by its API. */
const groupOfRules = '(rules)';

/** The template's schedules, and its rules that run by a schedule, in the API's shape. */
export function deployedSchedules(deployment: Deployment, rules: readonly DeployedResource[]): DeployedSchedule[] {
  return [
    ...deployment.ofType('AWS::Scheduler::Schedule').map(fromSchedule),
    ...rules.filter(({ properties }) => properties.ScheduleExpression !== undefined).map(fromRule),
  ];
}

function fromSchedule({ logicalId, physicalId, properties }: DeployedResource): DeployedSchedule {
  const { Name, GroupName, StartDate, EndDate, ...rest } = properties;
  const definition = { ...rest, ...inSeconds('StartDate', StartDate), ...inSeconds('EndDate', EndDate) };
  return {
    group: asText(GroupName) ?? 'default',
    name: asText(Name) ?? physicalId,
    origin: `schedule:${logicalId}`,
    definition,
  };
}

function fromRule({ logicalId, physicalId, properties }: DeployedResource): DeployedSchedule {
  const { ScheduleExpression } = properties;
  return { group: groupOfRules, name: physicalId, origin: `rule:${logicalId}`, definition: { ScheduleExpression } };
}

function inSeconds(name: string, date: unknown): Record<string, number> {
  const milliseconds = inMilliseconds(date);
  return milliseconds === undefined ? {} : { [name]: milliseconds / 1000 };
}
