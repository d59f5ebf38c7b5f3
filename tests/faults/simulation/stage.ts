import type { Attributes } from './expressions.ts';
import type { Backend } from './simulate.ts';

/** A table to play one history on. */
export interface StageTable extends Backend {
  items(): Promise<Attributes[]>;
  close(): Promise<void>;
}

/** Where histories are played: each on a table of its own. */
export interface Stage {
  open(): Promise<StageTable>;
}
