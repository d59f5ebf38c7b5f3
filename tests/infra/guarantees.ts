import { flat, ofType, type Resource } from './synthesized.ts';

/*
 * What must hold for every resource of the template, whatever its name. Each guarantee answers the faults that it finds,
 * one sentence each; none means that it holds.
 */

export type Resources = Record<string, Resource>;

const queueType = 'AWS::SQS::Queue';
const mappingType = 'AWS::Lambda::EventSourceMapping';

/** Work that fails again and again is set aside: no queue turns it in circles or drops it. */
export function everyQueueHasDeadLetters(resources: Resources): string[] {
  const targets = deadLetterTargets(resources);
  return ofType(resources, queueType).flatMap(([id, { Properties }]) => {
    if (Properties.RedrivePolicy !== undefined) return [];
    if (!targets.has(id)) return [`${id} has no dead-letter queue and is none.`];
    return Properties.MessageRetentionPeriod === 1_209_600 ? [] : [`${id} keeps dead letters for less than 14 days.`];
  });
}

/** What was set aside is told to somebody. */
export function everyDeadLetterRaisesAnAlarm(resources: Resources): string[] {
  const watched = ofType(resources, 'AWS::CloudWatch::Alarm')
    .filter(([, { Properties }]) => [Properties.AlarmActions].flat().length > 0 && Properties.AlarmActions)
    .map(([, { Properties }]) => JSON.stringify(flat(Properties)));
  return [...deadLetterTargets(resources)]
    .filter((id) => !watched.some((alarm) => alarm.includes(`"${id}.QueueName"`)))
    .map((id) => `${id} raises no alarm.`);
}

/** Nobody outside the account reaches a resource but through the gateway, and services only on behalf of the account. */
export function nothingIsPublic(resources: Resources): string[] {
  return Object.entries(resources).flatMap(([id, { Type, Properties }]) => {
    if (Type === 'AWS::Lambda::Url') return [`${id} is an address without the gateway.`];
    if (Type === 'AWS::Lambda::Permission') {
      return Properties.SourceArn === undefined ? [`${id} lets every caller of ${Properties.Principal} in.`] : [];
    }
    if (Type === 'AWS::S3::Bucket') {
      const block = Object.values(Properties.PublicAccessBlockConfiguration ?? {});
      return block.filter((blocked) => blocked === true).length === 4 ? [] : [`${id} may become public.`];
    }
    return statementsIn(Properties)
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(({ Principal, Condition }) => {
        if (Principal === undefined) return [];
        if (JSON.stringify(Principal).includes('"*"')) return [`${id} lets everybody in.`];
        const { Service } = Principal as { Service?: string };
        if (Service === undefined || Type === 'AWS::IAM::Role') return [];
        return /"aws:Source(Account|Arn)"/.test(JSON.stringify(Condition ?? {}))
          ? []
          : [`${id} lets ${Service} in on behalf of any account.`];
      });
  });
}

/** Nothing lies anywhere in the clear. Log groups, functions and the gateway are encrypted by AWS without being asked. */
export function everythingIsEncrypted(resources: Resources): string[] {
  const key = ofType(resources, 'AWS::KMS::Key')[0]?.[0];
  const byOurKey = (value: unknown) => JSON.stringify(flat(value) ?? null).includes(`"${key}.Arn"`);
  const isEncrypted: Record<string, (properties: Record<string, unknown>) => boolean> = {
    'AWS::DynamoDB::GlobalTable': ({ Replicas, SSESpecification }) =>
      byOurKey(Replicas) && (SSESpecification as { SSEType?: string } | undefined)?.SSEType === 'KMS',
    'AWS::S3::Bucket': ({ BucketEncryption }) => byOurKey(BucketEncryption),
    'AWS::SNS::Topic': ({ KmsMasterKeyId }) => byOurKey(KmsMasterKeyId),
    // By a key of SQS: what waits there are ids, or is on its way from and to what our key encrypts.
    [queueType]: ({ SqsManagedSseEnabled }) => SqsManagedSseEnabled === true,
  };
  return Object.entries(resources)
    .filter(([, { Type, Properties }]) => isEncrypted[Type]?.(Properties) === false)
    .map(([id]) => `${id} is not encrypted as it should be.`);
}

/** Nobody talks to a queue, a topic or a bucket without TLS, and no mail leaves without. */
export function onlyTls(resources: Resources): string[] {
  const refusing = Object.values(resources)
    .filter(({ Type }) => /::(Queue|Topic|Bucket)Policy$/.test(Type))
    .filter(({ Properties }) => statementsIn(Properties).some(refusesUnencrypted))
    .map(({ Properties }) => JSON.stringify(flat([Properties.Queues, Properties.Topics, Properties.Bucket])));
  const unguarded = Object.entries(resources)
    .filter(([, { Type }]) => [queueType, 'AWS::SNS::Topic', 'AWS::S3::Bucket'].includes(Type))
    .filter(([id]) => !refusing.some((targets) => targets.includes(`"${id}"`)))
    .map(([id]) => `${id} accepts requests without TLS.`);
  const lax = ofType(resources, 'AWS::SES::ConfigurationSet')
    .filter(([, { Properties }]) => JSON.stringify(Properties.DeliveryOptions) !== '{"TlsPolicy":"REQUIRE"}')
    .map(([id]) => `${id} sends mail without TLS.`);
  return [...unguarded, ...lax];
}

/** Customers' history, the mails and the key that opens both outlive the stack; the table can be restored. */
export function everyStoreIsRetained(resources: Resources): string[] {
  const stores = ['AWS::DynamoDB::GlobalTable', 'AWS::S3::Bucket', 'AWS::KMS::Key'];
  const lost = Object.entries(resources)
    .filter(([, { Type }]) => stores.includes(Type))
    .filter((entry) => entry[1].DeletionPolicy !== 'Retain' || entry[1].UpdateReplacePolicy !== 'Retain')
    .map(([id]) => `${id} goes with the stack.`);
  const unprotected = ofType(resources, 'AWS::DynamoDB::GlobalTable').flatMap(([id, { Properties }]) =>
    (Properties.Replicas as Record<string, unknown>[]).flatMap((replica) => [
      ...(replica.DeletionProtectionEnabled === true ? [] : [`${id} can be deleted by a slip.`]),
      ...(/"PointInTimeRecoveryEnabled":true/.test(JSON.stringify(replica)) ? [] : [`${id} cannot be restored.`]),
    ]),
  );
  return [...lost, ...unprotected];
}

/** Logs end: a month is enough to look into what happened. */
export function everyLogEnds(resources: Resources): string[] {
  return ofType(resources, 'AWS::Logs::LogGroup')
    .filter(([, { Properties }]) => Properties.RetentionInDays !== 30)
    .map(([id]) => `${id} is not kept for 30 days.`);
}

/** Each function has its time, its memory, its own log, and something that bounds how many run at once. */
export function everyFunctionIsBounded(resources: Resources): string[] {
  return ofType(resources, 'AWS::Lambda::Function').flatMap(([id, { Properties }]) => {
    const { LogGroup } = (flat(Properties.LoggingConfig) ?? {}) as { LogGroup?: string };
    return [
      ...(typeof Properties.Timeout === 'number' ? [] : [`${id} has no time-out of its own.`]),
      ...(typeof Properties.MemorySize === 'number' ? [] : [`${id} has no memory of its own.`]),
      ...(LogGroup !== undefined && LogGroup in resources ? [] : [`${id} has no log group of the stack.`]),
      // Refused by accounts with a quota of less than 100 and what is reserved: new ones have ten.
      ...(Properties.ReservedConcurrentExecutions === undefined ? [] : [`${id} reserves, which new accounts refuse.`]),
      ...(boundsOf(resources, id).length > 0 ? [] : [`${id} is started by nothing that bounds how often.`]),
    ];
  });
}

/** What bounds a function's concurrency: `queue 2`, `stream`, `schedule`, `routes`, `deployment`. */
export function boundsOf(resources: Resources, functionId: string): string[] {
  const refersToIt = (value: unknown) => new RegExp(`"${functionId}(\\.Arn)?"`).test(JSON.stringify(flat(value)));
  return Object.values(resources).flatMap(({ Type, Properties }) => {
    if (Type === mappingType && refersToIt(Properties.FunctionName)) {
      if (/StreamArn"/.test(JSON.stringify(Properties.EventSourceArn))) return ['stream'];
      const { MaximumConcurrency } = (Properties.ScalingConfig ?? {}) as { MaximumConcurrency?: number };
      return MaximumConcurrency === undefined ? [] : [`queue ${MaximumConcurrency}`];
    }
    if (Type === 'AWS::Scheduler::Schedule' && refersToIt(Properties.Target)) return ['schedule'];
    if (Type.startsWith('Custom::') && refersToIt(Properties.ServiceToken)) return ['deployment'];
    if (Type === 'AWS::ApiGatewayV2::Integration' && refersToIt(Properties.IntegrationUri)) return ['routes'];
    return [];
  });
}

/** No route takes more than it was given; a flood on one leaves room for the others. */
export function everyRouteIsThrottled(resources: Resources): string[] {
  const [, stage] = ofType(resources, 'AWS::ApiGatewayV2::Stage')[0] ?? [];
  const settings = (stage?.Properties.RouteSettings ?? {}) as Record<string, { ThrottlingRateLimit?: number }>;
  return ofType(resources, 'AWS::ApiGatewayV2::Route')
    .map(([, { Properties }]) => String(Properties.RouteKey))
    .filter((route) => !(Number(settings[route]?.ThrottlingRateLimit) > 0))
    .map((route) => `${route} has no throttle of its own.`);
}

interface Statement {
  Effect?: string;
  Action?: unknown;
  Principal?: unknown;
  Condition?: unknown;
}

/** Statements of every policy inside, however deep. */
export function statementsIn(value: unknown): Statement[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(statementsIn);
  const { Statement, ...others } = value as { Statement?: Statement | Statement[] };
  return [...(Statement === undefined ? [] : [Statement].flat()), ...Object.values(others).flatMap(statementsIn)];
}

function refusesUnencrypted({ Effect, Principal, Condition }: Statement): boolean {
  return (
    Effect === 'Deny' &&
    ['"*"', '{"AWS":"*"}'].includes(JSON.stringify(Principal)) &&
    JSON.stringify(Condition) === '{"Bool":{"aws:SecureTransport":"false"}}'
  );
}

/** Logical ids of queues that other queues or stream mappings hand over to. */
function deadLetterTargets(resources: Resources): Set<string> {
  const wholeTemplate = JSON.stringify(flat(resources));
  const targets = wholeTemplate.matchAll(/"(?:deadLetterTargetArn|Destination)":"([^".]+)\.Arn"/g);
  return new Set([...targets].flatMap(([, id]) => id ?? []));
}
