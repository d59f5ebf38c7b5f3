import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { createConversationStore } from '../../shared/conversation/conversationStore.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import { createFollowUpQueueStore } from '../../shared/follow-up/followUpQueueStore.ts';
import { createIdentityStore } from '../../shared/identity/identityStore.ts';
import { readConfiguration } from '../../shared/platform/configuration.ts';
import { functionLog } from '../../shared/platform/log.ts';
import { streamFunction } from '../../shared/platform/stream.ts';
import { createDynamoDbClient, createTable } from '../../shared/platform/table.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createDecideFollowUps } from './handler.ts';

const { TABLE_NAME, FOLLOW_UP_QUEUE_URL } = readConfiguration(
  z.object({ TABLE_NAME: z.string().min(1), FOLLOW_UP_QUEUE_URL: z.url() }),
  process.env,
);
const table = createTable(createDynamoDbClient(), TABLE_NAME);
const timeline = createTimelineStore(table);

export const handler = streamFunction({
  consume: createDecideFollowUps({
    identities: createIdentityStore(table),
    customers: createCustomerStore(table),
    conversations: createConversationStore(table, timeline),
    timeline,
    followUps: createFollowUpQueueStore(new SQSClient({}), FOLLOW_UP_QUEUE_URL),
    log: functionLog,
  }),
});
