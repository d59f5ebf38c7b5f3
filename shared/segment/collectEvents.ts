import type { ProblemIssue } from '../contracts/problem.ts';
import type { RejectedEvent, SegmentBody } from '../contracts/segment.ts';
import type { Source } from '../contracts/source.ts';
import { homeOf } from '../identity/homeOf.ts';
import type { LeafOf } from '../identity/leaf.ts';
import type { ParsePhone } from '../identity/parsePhone.ts';
import { PlatformError } from '../platform/errors.ts';
import type { NewId } from '../platform/ids.ts';
import { type Placement, placeInteraction } from '../timeline/placeInteraction.ts';
import type { Timeline } from '../timeline/timeline.ts';
import { type ParsedEvent, parseEvent } from './parseEvent.ts';
import type { SegmentCall } from './segmentCall.ts';
import { toInteraction } from './toInteraction.ts';

export interface CollectPorts {
  timeline: Pick<Timeline, 'append' | 'appendMany'>;
  leafOf: LeafOf;
  parsePhone: ParsePhone;
  newId: NewId;
}

/** A source whose keys may send events: a browser's or a server's. */
export type EventSource = Pick<Source, 'name'> & { kind: 'browser' | 'server' };

export interface Collected {
  stored: number;
  duplicates: number;
  /** Events that can never be stored; the others of the batch are. */
  rejected: RejectedEvent[];
}

/**
 * Takes in one event or a batch. The event is the unit: what is valid is stored, what is not is reported with the path
 * of each fault. Throws `invalid-request` where nothing is valid, and the store's error where something could not be
 * written, so that the sender sends all of it again.
 */
export async function collectEvents(
  { timeline, leafOf, parsePhone, newId }: CollectPorts,
  {
    call,
    body,
    source,
    receivedAtMs,
  }: { call: Exclude<SegmentCall, 'metrics'>; body: SegmentBody; source: EventSource; receivedAtMs: number },
): Promise<Collected> {
  const { events, rejected } = readEvents(call, body);
  if (events.length === 0 && rejected.length > 0) throw nothingValid(rejected);
  const placements = events.map((event): Placement => {
    const owner = homeOf(source.kind, event);
    if (owner === undefined) throw new TypeError('a parsed event names its customer');
    const incoming = { ...toInteraction(event, source, parsePhone), home: leafOf(owner) };
    return placeInteraction(incoming, { newId, receivedAtMs });
  });
  const [first] = placements;
  const appended = call !== 'batch' && first ? [await timeline.append(first)] : await timeline.appendMany(placements);
  const duplicates = appended.filter(({ duplicate }) => duplicate).length;
  return { stored: appended.length - duplicates, duplicates, rejected };
}

function readEvents(
  call: Exclude<SegmentCall, 'metrics'>,
  body: SegmentBody,
): { events: ParsedEvent[]; rejected: RejectedEvent[] } {
  if (call === 'batch' && !body.batch) {
    const issues = [{ path: 'batch', message: 'expected a list of events' }];
    throw new PlatformError('invalid-request', 'The batch holds no list of events.', { issues });
  }
  const outcomes =
    call === 'batch'
      ? (body.batch ?? []).map((sent) => parseEvent(sent, body.context ? { batchContext: body.context } : {}))
      : [parseEvent(body, { type: call })];
  const events: ParsedEvent[] = [];
  const rejected: RejectedEvent[] = [];
  outcomes.forEach((outcome, index) => {
    if ('event' in outcome) events.push(outcome.event);
    else rejected.push({ index, ...outcome, issues: outcome.issues.map(below(call === 'batch' ? index : undefined)) });
  });
  return { events, rejected };
}

/** Paths of a batch's issues lead through the batch: `batch.3.event`. */
function below(index: number | undefined): (issue: ProblemIssue) => ProblemIssue {
  return ({ path, message }) => ({
    path: index === undefined ? path : ['batch', index, path].filter((part) => part !== '').join('.'),
    message,
  });
}

function nothingValid(rejected: readonly RejectedEvent[]): PlatformError {
  const text = rejected.length === 1 ? 'The event is not valid.' : 'None of the events is valid.';
  return new PlatformError('invalid-request', text, { issues: rejected.flatMap(({ issues }) => issues) });
}
