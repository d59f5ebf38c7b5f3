import { flat, ofType, type Resource } from '../infra/synthesized.ts';

type Resources = Record<string, Resource>;

/** What leads from one part to another: `label` says how, a call or a message where there is none. */
interface Edge {
  from: string;
  to: string;
  label?: string;
}

/**
 * The template as a Mermaid flowchart, from who calls to what follows. A queue is the line to who works it off, and the
 * stream a line out of the table. What follows from the stream writes to the table again, which would only blur the
 * picture: those lines are left out, as are dead letters and alarms.
 */
export function drawTemplate(resources: Resources): string {
  const edges = [...schedules(resources), ...streams(resources), ...deliveries(resources), ...sends(resources)];
  const follows = reachable(edges, 'table');
  const access = tableAccess(resources).filter(({ from }) => !follows.has(from));
  edges.push(...access);
  const paths = pathsByFunction(resources);
  const lines = edges.map(({ from, to, label }) => `  ${idOf(from)} -->${label ? `|${label}|` : ''} ${idOf(to)}`);
  const nodes = [...new Set(edges.flatMap(({ from, to }) => [from, to]))].map((name) => `  ${shapeOf(name, paths)}`);
  return ['flowchart LR', ...nodes.sort(), ...lines.sort()].join('\n');
}

/** The first parts of the paths that each function answers. */
function pathsByFunction(resources: Resources): Map<string, string[]> {
  const paths = new Map<string, string[]>();
  for (const [, { Properties }] of ofType(resources, 'AWS::ApiGatewayV2::Route')) {
    const [, integrationId = ''] = String(flat(Properties.Target)).split('/');
    const name = functionIn(resources, resources[integrationId]?.Properties.IntegrationUri) ?? '';
    const first = `/${String(Properties.RouteKey).split('/')[1]}`;
    const known = paths.get(name) ?? [];
    if (!known.includes(first)) paths.set(name, [...known, first].sort());
  }
  return paths;
}

function schedules(resources: Resources): Edge[] {
  return ofType(resources, 'AWS::Scheduler::Schedule').map(([, { Properties }]) => ({
    from: String(Properties.ScheduleExpression),
    to: functionIn(resources, Properties.Target) ?? '',
  }));
}

function streams(resources: Resources): Edge[] {
  return mappings(resources).flatMap(({ Properties }) => {
    if (!String(flat(Properties.EventSourceArn)).endsWith('.StreamArn')) return [];
    const filter = JSON.stringify(Properties.FilterCriteria);
    const label = `stream:<br>${filter.includes('~h') ? 'heads, nodes' : 'new interactions'}`;
    return [{ from: 'table', to: functionIn(resources, Properties.FunctionName) ?? '', label }];
  });
}

/** What AWS itself brings: received mails by bucket and topic, and what became of sent ones by the bus. */
function deliveries(resources: Resources): Edge[] {
  const received = ofType(resources, 'AWS::SNS::Subscription')
    .filter(([, { Properties }]) => Properties.Protocol === 'sqs')
    .map(([, { Properties }]) => ({
      from: 'SES receives',
      to: workerOf(resources, Properties.Endpoint),
      label: 'S3, SNS,<br>SQS',
    }));
  const published = ofType(resources, 'AWS::Events::Rule').flatMap(([, { Properties }]) =>
    (Properties.Targets as { Arn: unknown }[]).map(({ Arn }) => ({
      from: 'SES sends',
      to: workerOf(resources, Arn),
      label: 'EventBridge,<br>SQS',
    })),
  );
  return [...received, ...published];
}

/** Where functions put work, and by what they send. */
function sends(resources: Resources): Edge[] {
  return statements(resources).flatMap(({ from, actions, resource }) => {
    if (actions.includes('ses:SendRawEmail')) return [{ from, to: 'SES sends' }];
    // With more than this one it is the destination of what failed.
    if (actions.join() !== 'sqs:SendMessage') return [];
    const to = workerOf(resources, resource);
    return to === from ? [] : [{ from, to, label: 'SQS' }];
  });
}

function tableAccess(resources: Resources): Edge[] {
  const doing = new Map<string, Set<string>>();
  for (const { from, actions } of statements(resources)) {
    for (const action of actions.filter((one) => /^dynamodb:(?!.*Stream|GetShard|GetRecords|ListStreams)/.test(one))) {
      const verb = /Get|Query/.test(action) ? 'reads' : 'writes';
      doing.set(from, (doing.get(from) ?? new Set()).add(verb));
    }
  }
  return [...doing].map(([from, verbs]) => ({ from, to: 'table', label: [...verbs].sort().join(', ') }));
}

interface Statement {
  from: string;
  actions: string[];
  resource: unknown;
}

/** What functions may do, by the policy of each one's role. */
function statements(resources: Resources): Statement[] {
  return ofType(resources, 'AWS::IAM::Policy').flatMap(([, { Properties }]) => {
    const [role] = flat(Properties.Roles) as string[];
    const [, own] =
      ofType(resources, 'AWS::Lambda::Function').find(
        ([, candidate]) => flat(candidate.Properties.Role) === `${role}.Arn`,
      ) ?? [];
    if (own === undefined) return [];
    const { Statement } = flat(Properties.PolicyDocument) as {
      Statement: { Action: string | string[]; Resource: unknown }[];
    };
    return Statement.map(({ Action, Resource: resource }) => ({
      from: nameOf(own),
      actions: [Action].flat(),
      resource,
    }));
  });
}

function functionIn(resources: Resources, value: unknown): string | undefined {
  const text = JSON.stringify(flat(value));
  const [, found] =
    ofType(resources, 'AWS::Lambda::Function').find(([id]) => new RegExp(`\\b${id}\\b`).test(text)) ?? [];
  return found === undefined ? undefined : nameOf(found);
}

function nameOf({ Properties }: Resource): string {
  return String(Properties.FunctionName).replace(/^Throughline-/, '');
}

/** Who works a queue off. */
function workerOf(resources: Resources, queue: unknown): string {
  const mapping = mappings(resources).find(({ Properties }) => flat(Properties.EventSourceArn) === flat(queue));
  return functionIn(resources, mapping?.Properties.FunctionName) ?? 'nobody';
}

function mappings(resources: Resources): Resource[] {
  return ofType(resources, 'AWS::Lambda::EventSourceMapping').map(([, mapping]) => mapping);
}

function reachable(edges: readonly Edge[], start: string): Set<string> {
  const found = new Set([start]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const { from, to } of edges) if (found.has(from)) found.add(to);
  }
  return found;
}

function idOf(name: string): string {
  return name.replace(/[^A-Za-z]+/g, '_').replace(/^_|_$/g, '');
}

function shapeOf(name: string, paths: Map<string, string[]>): string {
  const id = idOf(name);
  if (name.startsWith('rate(')) return `${id}(["${name.replace(/^rate\(1 (.*)\)$/, 'every $1')}"])`;
  if (name === 'table') return `${id}[("table")]`;
  if (name.startsWith('SES ')) return `${id}(["${name}"])`;
  return `${id}["${[name, ...(paths.get(name) ?? [])].join('<br>')}"]`;
}
