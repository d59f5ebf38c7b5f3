import type { Reporter } from 'knip';

/** A reporter of knip that tells how many files it has looked at. */
const countFiles: Reporter = ({ counters }) => {
  process.stdout.write(`files: ${counters.processed}\n`);
};

export default countFiles;
