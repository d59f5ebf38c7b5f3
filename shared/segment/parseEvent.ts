import type * as z from 'zod';
import type { ProblemIssue } from '../contracts/problem.ts';
import { maxEventBytes, type SegmentEvent, type SegmentEventType, segmentEventSchema } from '../contracts/segment.ts';
import { isStorableTime } from '../timeline/placeInteraction.ts';
import { nestsDeeperThan } from './nestsDeeperThan.ts';
import { parseClientTime } from './parseClientTime.ts';

/** An event that can be stored, with the sender's own time as sent. */
export type ParsedEvent = SegmentEvent & { clientTimeMs?: number };

export type ParseOutcome = { event: ParsedEvent } | { issues: ProblemIssue[]; messageId?: string };

const maxDepth = 100;

/**
 * Reads one event by the Segment spec. `type` is given by the path of a single call; in a batch the event says it.
 * Paths of issues start at the event: `timestamp`, `properties`; messages never repeat what was sent.
 */
export function parseEvent(
  sent: unknown,
  { type, batchContext }: { type?: SegmentEventType; batchContext?: Record<string, unknown> } = {},
): ParseOutcome {
  if (!isObject(sent)) return { issues: [{ path: '', message: 'expected an object' }] };
  const oversize = findOversize(sent);
  if (oversize !== undefined) return refuse(sent, [{ path: '', message: oversize }]);

  const time = readTime(sent);
  const result = segmentEventSchema.safeParse(type === undefined ? sent : { ...sent, type });
  const issues = [...(result.success ? [] : issuesOf(result.error)), ...('issue' in time ? [time.issue] : [])];
  if (result.success && result.data.userId === undefined && result.data.anonymousId === undefined) {
    issues.push({ path: 'userId', message: 'expected a userId or an anonymousId' });
  }
  if (!result.success || 'issue' in time || issues.length > 0) return refuse(sent, issues);

  const context = batchContext === undefined ? result.data.context : { ...batchContext, ...result.data.context };
  return { event: { ...result.data, ...time, context } };
}

function readTime(sent: Record<string, unknown>): { clientTimeMs?: number } | { issue: ProblemIssue } {
  const field = isPresent(sent.timestamp) ? 'timestamp' : 'originalTimestamp';
  const value = sent[field];
  if (!isPresent(value)) return {};
  const clientTimeMs = typeof value === 'string' ? parseClientTime(value) : undefined;
  if (clientTimeMs === undefined) return { issue: { path: field, message: 'expected a time by ISO 8601' } };
  if (!isStorableTime(clientTimeMs)) return { issue: { path: field, message: 'expected a time from 1970 to 5188' } };
  return { clientTimeMs };
}

function findOversize(sent: Record<string, unknown>): string | undefined {
  // Depth comes first: writing as JSON would exhaust the stack.
  if (nestsDeeperThan(maxDepth, sent)) return `nested deeper than ${maxDepth} levels`;
  const tooLarge = Buffer.byteLength(JSON.stringify(sent)) > maxEventBytes;
  return tooLarge ? `larger than ${maxEventBytes} bytes` : undefined;
}

function refuse(sent: Record<string, unknown>, issues: ProblemIssue[]): ParseOutcome {
  const { messageId } = sent;
  return typeof messageId === 'string' && messageId !== '' && messageId.length <= 100
    ? { issues, messageId }
    : { issues };
}

function issuesOf(error: z.ZodError): ProblemIssue[] {
  return error.issues.map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
}

function isPresent(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
