import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { createConversationStore } from '../../shared/conversation/conversationStore.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import { createIdentityStore } from '../../shared/identity/identityStore.ts';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import { readConfiguration } from '../../shared/platform/configuration.ts';
import { functionLog } from '../../shared/platform/log.ts';
import { readParameters } from '../../shared/platform/parameters.ts';
import { streamFunction } from '../../shared/platform/stream.ts';
import { createDynamoDbClient, createTable } from '../../shared/platform/table.ts';
import { createSearchStore } from '../../shared/search/searchStore.ts';
import { parseSettings } from '../../shared/source/settings.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createProjectTimeline } from './handler.ts';

const configuration = readConfiguration(
  z.object({ TABLE_NAME: z.string().min(1), PARAMETER_PREFIX: z.string().startsWith('/') }),
  process.env,
);
const { pepper } = parseSettings(await readParameters(new SSMClient({}), configuration.PARAMETER_PREFIX));
const table = createTable(createDynamoDbClient(), configuration.TABLE_NAME);
const timeline = createTimelineStore(table);

export const handler = streamFunction({
  consume: createProjectTimeline({
    customers: createCustomerStore(table),
    conversations: createConversationStore(table, timeline),
    timeline,
    identities: createIdentityStore(table),
    leafOf: createLeafOf(pepper),
    search: createSearchStore(table, pepper),
    log: functionLog,
  }),
});
