/** Records of one shard on their way, and up to where all of them are done. */
export interface ShardProgress {
  /** In stream order. */
  add(sequenceNumber: string): void;
  /** In any order. */
  done(sequenceNumber: string): void;
  /** How many records are neither done nor given up. */
  outstanding(): number;
}

/** Calls `advance` with the last sequence number below which nothing is outstanding, each time it moves. */
export function trackProgress(advance: (sequenceNumber: string) => void): ShardProgress {
  const order: string[] = [];
  const finished = new Set<string>();
  let head = 0;
  return {
    add: (sequenceNumber) => {
      order.push(sequenceNumber);
    },
    done: (sequenceNumber) => {
      finished.add(sequenceNumber);
      let reached: string | undefined;
      for (let next = order[head]; next !== undefined && finished.delete(next); next = order[head]) {
        reached = next;
        head += 1;
      }
      if (head > 1000) {
        order.splice(0, head);
        head = 0;
      }
      if (reached !== undefined) advance(reached);
    },
    outstanding: () => order.length - head - finished.size,
  };
}
