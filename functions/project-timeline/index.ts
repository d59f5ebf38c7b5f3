import * as z from 'zod';
import { createConversationStore } from '../../shared/conversation/conversationStore.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import { readConfiguration } from '../../shared/platform/configuration.ts';
import { functionLog } from '../../shared/platform/log.ts';
import { streamFunction } from '../../shared/platform/stream.ts';
import { createDynamoDbClient, createTable } from '../../shared/platform/table.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createProjectTimeline } from './handler.ts';

const configuration = readConfiguration(z.object({ TABLE_NAME: z.string().min(1) }), process.env);
const table = createTable(createDynamoDbClient(), configuration.TABLE_NAME);
const timeline = createTimelineStore(table);

export const handler = streamFunction({
  consume: createProjectTimeline({
    customers: createCustomerStore(table),
    conversations: createConversationStore(table, timeline),
    timeline,
    log: functionLog,
  }),
});
