import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { createConversationStore } from '../../shared/conversation/conversationStore.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import { createDueItemsStore } from '../../shared/due/dueItemsStore.ts';
import { createIdentityStore } from '../../shared/identity/identityStore.ts';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { readConfiguration } from '../../shared/platform/configuration.ts';
import { functionLog } from '../../shared/platform/log.ts';
import { readParameters } from '../../shared/platform/parameters.ts';
import { streamFunction } from '../../shared/platform/stream.ts';
import { createDynamoDbClient, createTable } from '../../shared/platform/table.ts';
import { createParkedLeavesStore } from '../../shared/repair/parkedLeavesStore.ts';
import { createParkFailing } from '../../shared/repair/parkFailing.ts';
import { createRepairQueueStore } from '../../shared/repair/repairQueueStore.ts';
import { createSearchStore } from '../../shared/search/searchStore.ts';
import { parseSettings } from '../../shared/source/settings.ts';
import { createLoggedTimeline } from '../../shared/timeline/loggedTimeline.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createProjectTimeline } from './handler.ts';

const { PARAMETER_PREFIX, REPAIR_QUEUE_URL, TABLE_NAME } = readConfiguration(
  z.object({
    PARAMETER_PREFIX: z.string().startsWith('/'),
    REPAIR_QUEUE_URL: z.url(),
    TABLE_NAME: z.string().min(1),
  }),
  process.env,
);
const { pepper } = parseSettings(await readParameters(new SSMClient({}), PARAMETER_PREFIX));
const table = createTable(createDynamoDbClient(), TABLE_NAME);
const timeline = createLoggedTimeline(createTimelineStore(table), functionLog);

const consume = createProjectTimeline({
  customers: createCustomerStore(table),
  conversations: createConversationStore(table, timeline),
  timeline,
  identities: createIdentityStore(table),
  leafOf: createLeafOf(pepper),
  search: createSearchStore(table, pepper),
  due: createDueItemsStore(table, systemClock),
  log: functionLog,
});

export const handler = streamFunction({
  consume: createParkFailing(
    {
      parked: createParkedLeavesStore(table),
      repairs: createRepairQueueStore(new SQSClient({}), REPAIR_QUEUE_URL),
      clock: systemClock,
      log: functionLog,
    },
    { consumer: 'project-timeline', consume },
  ),
});
