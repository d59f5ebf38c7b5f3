import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod';
import { createConversationStore } from '../../shared/conversation/conversationStore.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import { createFollowUpQueueStore } from '../../shared/follow-up/followUpQueueStore.ts';
import { createIdentityStore } from '../../shared/identity/identityStore.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { readConfiguration } from '../../shared/platform/configuration.ts';
import { functionLog } from '../../shared/platform/log.ts';
import { streamFunction } from '../../shared/platform/stream.ts';
import { createDynamoDbClient, createTable } from '../../shared/platform/table.ts';
import { createParkedLeavesStore } from '../../shared/repair/parkedLeavesStore.ts';
import { createParkFailing } from '../../shared/repair/parkFailing.ts';
import { createRepairQueueStore } from '../../shared/repair/repairQueueStore.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createDecideFollowUps } from './handler.ts';

const { FOLLOW_UP_QUEUE_URL, REPAIR_QUEUE_URL, TABLE_NAME } = readConfiguration(
  z.object({ FOLLOW_UP_QUEUE_URL: z.url(), REPAIR_QUEUE_URL: z.url(), TABLE_NAME: z.string().min(1) }),
  process.env,
);
const table = createTable(createDynamoDbClient(), TABLE_NAME);
const timeline = createTimelineStore(table);
const queues = new SQSClient({});

const consume = createDecideFollowUps({
  identities: createIdentityStore(table),
  customers: createCustomerStore(table),
  conversations: createConversationStore(table, timeline),
  timeline,
  followUps: createFollowUpQueueStore(queues, FOLLOW_UP_QUEUE_URL),
  log: functionLog,
});

export const handler = streamFunction({
  consume: createParkFailing(
    {
      parked: createParkedLeavesStore(table),
      repairs: createRepairQueueStore(queues, REPAIR_QUEUE_URL),
      clock: systemClock,
      log: functionLog,
    },
    { consumer: 'decide-follow-ups', consume },
  ),
});
