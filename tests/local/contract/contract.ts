import { describe, test } from 'vitest';

/** Something that AWS does and the platform relies on. */
export interface Behaviour {
  /** A guarantee, in one sentence. */
  behaviour: string;
  /** The page of AWS's documentation that gives it. */
  source: `https://docs.aws.amazon.com/${string}`;
  /** What is asserted can only be seen from inside the embedded services. */
  embedded?: boolean;
  test(): Promise<void>;
}

/** States behaviours of one subject; `given` says that somebody else's endpoint is to keep them. A failure names its source. */
export function contract(subject: string, behaviours: readonly Behaviour[], { given = false } = {}): void {
  describe(subject, () => {
    for (const { behaviour, source, embedded = false, test: run } of behaviours) {
      test.skipIf(given && embedded)(behaviour, async ({ annotate }) => {
        await annotate(source, 'source');
        await run();
      });
    }
  });
}
