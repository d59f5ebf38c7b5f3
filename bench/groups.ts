import { contextRows } from './context.ts';
import { identityRows } from './identity.ts';
import { lagRows } from './lag.ts';
import { lookupRows } from './lookup.ts';
import { memoryRows } from './memory.ts';
import { onPlatform } from './onPlatform.ts';
import { peerRows } from './peers.ts';
import { projectionRows } from './projection.ts';
import { requestRows } from './requests.ts';
import type { Row } from './row.ts';
import { startUpRows } from './startUp.ts';
import { unitRows } from './units.ts';

/** Rows that are measured together, on an engine or a platform of their own. */
export interface Group {
  name: string;
  measure(): Promise<Row[]>;
}

/** In the order in which they run and are printed. */
export const groups: readonly Group[] = [
  { name: 'start-up', measure: () => onPlatform(startUpRows) },
  { name: 'units', measure: unitRows },
  { name: 'identity', measure: identityRows },
  { name: 'context', measure: contextRows },
  { name: 'projection', measure: projectionRows },
  { name: 'requests', measure: requestRows },
  { name: 'lookup', measure: lookupRows },
  { name: 'lag', measure: lagRows },
  { name: 'memory', measure: memoryRows },
  { name: 'peers', measure: peerRows },
];

/** Groups whose names contain the text. */
export function groupsNamed(text: string): Group[] {
  return groups.filter(({ name }) => name.includes(text));
}
