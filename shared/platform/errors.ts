import type { ProblemIssue } from '../contracts/problem.ts';

/** What can go wrong for a caller. The code is stable; the HTTP status is set by one mapper only. */
export type ErrorCode =
  | 'invalid-request'
  | 'unauthenticated'
  | 'forbidden'
  | 'not-found'
  | 'conflict'
  | 'too-large'
  | 'too-many-requests'
  | 'unavailable';

/** An error with a text for the caller (`publicText`: never personal data or internals) and the cause for the log. */
export class PlatformError extends Error {
  override readonly name = 'PlatformError';
  readonly code: ErrorCode;
  readonly publicText: string;
  readonly issues: ProblemIssue[] | undefined;

  constructor(code: ErrorCode, publicText: string, options: { issues?: ProblemIssue[]; cause?: unknown } = {}) {
    super(`${code}: ${publicText}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.publicText = publicText;
    this.issues = options.issues;
  }
}

/** Something stored that cannot be read, now or later. `item` is its sort key. */
export class UndecodableError extends Error {
  override readonly name = 'UndecodableError';
  readonly item: string;

  constructor(item: string, cause: unknown) {
    super('an item cannot be read', { cause });
    this.item = item;
  }
}

export function assertNever(value: never): never {
  throw new Error(`unexpected case ${String(value)}`);
}
