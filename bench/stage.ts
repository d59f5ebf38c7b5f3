import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPlatform } from '../local/platform.ts';
import type { Question, Ready } from './onStage.ts';

/*
 * A platform as a process of its own: whoever loads it shares no event loop and no memory with it. Asked over the
 * channel of its parent; ends with that channel.
 */

const platform = await startPlatform({
  port: 0,
  dataDir: mkdtempSync(join(tmpdir(), 'throughline-stage-')),
  log: () => undefined,
  ephemeral: true,
});
const answer = (said: unknown) => process.send?.(said);

process.on('message', (question: Question) => {
  switch (question) {
    case 'drain':
      platform.drain(60_000).then(
        () => answer('drained'),
        (error: unknown) => answer({ error: String(error) }),
      );
      return;
    case 'memory':
      answer(process.resourceUsage().maxRSS / 1024);
  }
});
process.once('disconnect', () => {
  const end = () => process.exit();
  platform.stop().then(end, end);
});
const [table] = platform.deployment.ofType('AWS::DynamoDB::GlobalTable');
if (table === undefined) throw new Error('The template declares no table.');
answer({
  url: platform.url,
  keys: platform.keys,
  table: { endpoint: platform.endpoints.dynamodb, name: table.physicalId },
} satisfies Ready);
