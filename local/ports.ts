/** What the parts of the local platform know of each other. Each part gets these as arguments; none reaches for a global. */

/** The outcome of one invocation, as Lambda reports it to whoever called. */
export type InvocationResult =
  | { ok: true; payload: unknown }
  | { ok: false; errorType: string; errorMessage: string; throttled?: boolean };

/** Runs the deployed functions of the synthesized template. */
export interface FunctionRuntime {
  /** `functionLogicalId` is the logical id in the template; `event` is passed as JSON, as Lambda would. Never rejects. */
  invoke(functionLogicalId: string, event: unknown): Promise<InvocationResult>;
}

/** The clock of the platform: real time plus an offset that tests and the demo move. */
export interface TestClock {
  /** Milliseconds since the epoch, offset included. */
  now(): number;
  /** Moves the clock forward (or, for the demo's beginning, back) and tells every subscriber. */
  advance(milliseconds: number): void;
  /** The listener is called after each `advance`; returns the unsubscriber. */
  subscribe(listener: () => void): () => void;
}

/** One resource of the template after its intrinsic functions were resolved. */
export interface DeployedResource {
  logicalId: string;
  type: string;
  /** Resolved `Properties`. */
  properties: Record<string, unknown>;
  /** What `Ref` yields. */
  physicalId: string;
  /** What `Fn::GetAtt` yields by attribute name, `Arn` among them. */
  attributes: Record<string, string>;
}

/** The template as "deployed" on this machine. */
export interface Deployment {
  stackName: string;
  ofType(type: string): DeployedResource[];
  byLogicalId(logicalId: string): DeployedResource;
  /** Finds a resource by its ARN; undefined where the ARN is not of this stack. */
  byArn(arn: string): DeployedResource | undefined;
}

/** Where the embedded services listen. */
export interface ServiceEndpoints {
  dynamodb: string;
  sqs: string;
  sns: string;
  s3: string;
  ssm: string;
  ses: string;
  scheduler: string;
  events: string;
}

/** A part that holds timers, sockets or children; `stop` returns when none is left. */
export interface Stoppable {
  stop(): Promise<void>;
}

/** Where a part writes what a person should see; never the console itself. */
export type LocalLog = (line: string) => void;

/** A request to one of the embedded AWS endpoints, its path without the prefix that names service and caller. */
export interface ServiceRequest {
  method: string;
  /** Path and query as sent. */
  path: string;
  headers: Record<string, string>;
  body: Buffer;
  /** Which function calls, by its name without the stack's; undefined for everybody else. */
  caller?: string;
}

export interface ServiceAnswer {
  status: number;
  headers: Record<string, string>;
  body: string | Buffer;
}

/** Answers for one service. What it throws becomes a 500, which every SDK retries. */
export type ServiceHandler = (request: ServiceRequest) => Promise<ServiceAnswer>;

/** A request to a page or a helper that exists on this machine only, such as `/_local/metrics`. */
export interface LocalRequest {
  method: string;
  path: string;
  /** Values of `{name}` in the route's path, decoded. */
  parameters: Record<string, string>;
  query: URLSearchParams;
  headers: Record<string, string>;
  body: Buffer;
}

export interface LocalAnswer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export type LocalHandler = (request: LocalRequest) => LocalAnswer | Promise<LocalAnswer>;
