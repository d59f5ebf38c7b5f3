/** What a check found. */
export interface CheckResult {
  name: string;
  /** How many files it looked at: a check that looks at nothing has failed. */
  looked: number;
  /** One text per fault; none where all is well. */
  faults: string[];
}

/** Looks at the repository that lies in a directory. */
export type Check = (directory: string) => Promise<CheckResult>;

/** The lines of a tool's output that say something. */
export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim() !== '');
}
