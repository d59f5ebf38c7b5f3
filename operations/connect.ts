import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { createConversationStore } from '../shared/conversation/conversationStore.ts';
import { createCustomerStore } from '../shared/customer/customerStore.ts';
import { createDueItemsStore } from '../shared/due/dueItemsStore.ts';
import { createIdentityStore } from '../shared/identity/identityStore.ts';
import { createLeafOf } from '../shared/identity/leaf.ts';
import { createLinkIdentities } from '../shared/identity/linkIdentities.ts';
import { readConfiguration } from '../shared/platform/configuration.ts';
import { readParameters } from '../shared/platform/parameters.ts';
import { createTable } from '../shared/platform/table.ts';
import type { AuditPorts } from '../shared/repair/auditCustomer.ts';
import { createParkedLeavesStore } from '../shared/repair/parkedLeavesStore.ts';
import type { RepairPorts } from '../shared/repair/repairLeaf.ts';
import { createSearchStore } from '../shared/search/searchStore.ts';
import { parseSettings } from '../shared/source/settings.ts';
import { createTimelineStore } from '../shared/timeline/timelineStore.ts';

/** What the commands work with. */
export interface Connection {
  client: DynamoDBClient;
  tableName: string;
  ports: AuditPorts & RepairPorts;
}

/**
 * Reaches a deployment by the environment: `TABLE_NAME`, `PARAMETER_PREFIX` and whatever the AWS SDK reads. Without
 * `TABLE_NAME` it is the platform that runs on this machine with the given data directory.
 */
export async function connect(dataDir: string): Promise<Connection> {
  if (process.env.TABLE_NAME === undefined) Object.assign(process.env, environmentOfRunning(dataDir));
  const { PARAMETER_PREFIX, TABLE_NAME: tableName } = readConfiguration(
    z.object({ PARAMETER_PREFIX: z.string().startsWith('/'), TABLE_NAME: z.string().min(1) }),
    process.env,
  );
  const { pepper } = parseSettings(await readParameters(new SSMClient({}), PARAMETER_PREFIX));
  const client = new DynamoDBClient({ maxAttempts: 8 });
  const table = createTable(client, tableName);
  const timeline = createTimelineStore(table);
  const identities = createIdentityStore(table);
  return {
    client,
    tableName,
    ports: {
      customers: createCustomerStore(table),
      conversations: createConversationStore(table, timeline),
      timeline,
      identities,
      search: createSearchStore(table, pepper),
      due: createDueItemsStore(table, () => Date.now()),
      parked: createParkedLeavesStore(table),
      linkIdentities: createLinkIdentities({ identities, timeline, leafOf: createLeafOf(pepper) }),
    },
  };
}

const runningSchema = z.object({ pid: z.number(), environment: z.record(z.string(), z.string()) });

/** The environment of the functions that run on this machine, as the platform's own file tells it. */
function environmentOfRunning(dataDir: string): Record<string, string> {
  try {
    const { environment, pid } = runningSchema.parse(JSON.parse(readFileSync(join(dataDir, 'running.json'), 'utf8')));
    // Signal 0 only asks whether the process exists.
    process.kill(pid, 0);
    return environment;
  } catch {
    throw new Error(
      `Nothing runs with the data directory ${dataDir}. Start it with npm start, name another with --data-dir, or name a deployment's TABLE_NAME and PARAMETER_PREFIX in the environment.`,
    );
  }
}
