import type { SegmentEventType } from '../contracts/segment.ts';

/** What the last part of `/v1/{call}` asks for: one event, many, or the browser SDK's own metrics. */
export type SegmentCall = SegmentEventType | 'batch' | 'metrics';

const calls: ReadonlyMap<string, SegmentCall> = new Map([
  ['track', 'track'],
  ['t', 'track'],
  ['identify', 'identify'],
  ['i', 'identify'],
  ['page', 'page'],
  ['p', 'page'],
  ['screen', 'screen'],
  ['s', 'screen'],
  ['group', 'group'],
  ['g', 'group'],
  ['alias', 'alias'],
  ['a', 'alias'],
  ['batch', 'batch'],
  ['b', 'batch'],
  ['m', 'metrics'],
]);

export function segmentCall(name: string | undefined): SegmentCall | undefined {
  return name === undefined ? undefined : calls.get(name);
}
