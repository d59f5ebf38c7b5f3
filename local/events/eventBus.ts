import { randomUUID } from 'node:crypto';
import type { DeployedResource, Deployment, LocalLog, TestClock } from '../ports.ts';
import { stackIdentity } from './awsNames.ts';
import { compileEventPattern } from './eventPattern.ts';
import { targetInput } from './inputTransformer.ts';
import { asList, asNumber, asRecord, asText } from './json.ts';
import { messageOf } from './lifetime.ts';
import type { Targets } from './targets.ts';

/** An event as it is put on the default bus; what is left out is filled in. */
export interface BusEvent {
  source: string;
  detailType: string;
  detail: Record<string, unknown>;
  resources?: readonly string[];
  /** Milliseconds since the epoch. */
  at?: number;
}

export interface EventBus {
  /** Sends an event to the targets of every rule that matches; returns its id. Delivery goes on behind it. */
  publish(event: BusEvent): string;
  /** Runs a rule's targets for an event of one's own, as a schedule does. Resolves when all deliveries are finished. */
  runRule(rule: DeployedResource, event: BusEvent): Promise<void>;
}

export interface EventBusOptions {
  deployment: Deployment;
  targets: Targets;
  clock: TestClock;
  log: LocalLog;
}

/** The default event bus with the template's rules. A rule whose pattern AWS would refuse is reported and left out. */
export function createEventBus({ deployment, targets, clock, log }: EventBusOptions): EventBus {
  const { region, account } = stackIdentity(deployment);
  const rules = enabledRules(deployment).flatMap((rule) => {
    if (rule.properties.EventPattern === undefined) return [];
    try {
      return [{ rule, matches: compileEventPattern(rule.properties.EventPattern) }];
    } catch (error) {
      log(`Rule ${rule.logicalId} is left out: ${messageOf(error)}`);
      return [];
    }
  });

  function envelope(event: BusEvent): Record<string, unknown> & { id: string } {
    return {
      version: '0',
      id: randomUUID(),
      'detail-type': event.detailType,
      source: event.source,
      account,
      time: new Date(event.at ?? clock.now()).toISOString().replace(/\.\d{3}Z$/, 'Z'),
      region,
      resources: [...(event.resources ?? [])],
      detail: event.detail,
    };
  }

  async function deliver(rule: DeployedResource, event: Record<string, unknown>): Promise<void> {
    const ruleArn = rule.attributes.Arn ?? rule.physicalId;
    const context = { ruleArn, ruleName: rule.physicalId, ingestionTime: new Date(clock.now()).toISOString() };
    const deliveries = asList(rule.properties.Targets).map((entry) => {
      const target = asRecord(entry);
      const deadLetterArn = asText(asRecord(target.DeadLetterConfig).Arn);
      const messageGroupId = asText(asRecord(target.SqsParameters).MessageGroupId);
      return targets.deliver({
        sender: `Rule ${rule.logicalId}`,
        targetArn: String(target.Arn),
        input: targetInput(target, event, context),
        maximumRetryAttempts: asNumber(asRecord(target.RetryPolicy).MaximumRetryAttempts, Number.POSITIVE_INFINITY),
        deadLetterAttributes: { RULE_ARN: ruleArn },
        ...(deadLetterArn !== undefined && { deadLetterArn }),
        ...(messageGroupId !== undefined && { messageGroupId }),
      });
    });
    await Promise.all(deliveries);
  }

  return {
    publish: (event) => {
      const full = envelope(event);
      for (const { rule, matches } of rules) {
        if (matches(full)) deliver(rule, full).catch((error: unknown) => log(messageOf(error)));
      }
      return full.id;
    },
    runRule: (rule, event) => deliver(rule, envelope(event)),
  };
}

/** The rules of the template that are not disabled; those of other buses are not served. */
export function enabledRules(deployment: Deployment): DeployedResource[] {
  return deployment.ofType('AWS::Events::Rule').filter(({ properties }) => {
    const bus = asText(properties.EventBusName) ?? 'default';
    return properties.State !== 'DISABLED' && (bus === 'default' || bus.endsWith('event-bus/default'));
  });
}
