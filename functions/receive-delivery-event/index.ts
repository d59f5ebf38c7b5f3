import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { createSendLedgerStore } from '../../shared/follow-up/sendLedgerStore.ts';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { readConfiguration } from '../../shared/platform/configuration.ts';
import { randomId } from '../../shared/platform/ids.ts';
import { functionLog } from '../../shared/platform/log.ts';
import { readParameters } from '../../shared/platform/parameters.ts';
import { queueFunction } from '../../shared/platform/queue.ts';
import { createDynamoDbClient, createTable } from '../../shared/platform/table.ts';
import { parseSettings } from '../../shared/source/settings.ts';
import { createLoggedTimeline } from '../../shared/timeline/loggedTimeline.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createReceiveDeliveryEvent } from './handler.ts';

const { PARAMETER_PREFIX, TABLE_NAME } = readConfiguration(
  z.object({ PARAMETER_PREFIX: z.string().startsWith('/'), TABLE_NAME: z.string().min(1) }),
  process.env,
);
const settings = parseSettings(await readParameters(new SSMClient({}), PARAMETER_PREFIX));
const table = createTable(createDynamoDbClient(), TABLE_NAME);

export const handler = queueFunction({
  consume: createReceiveDeliveryEvent({
    ledgers: createSendLedgerStore(table),
    timeline: createLoggedTimeline(createTimelineStore(table), functionLog),
    leafOf: createLeafOf(settings.pepper),
    newId: randomId,
    clock: systemClock,
    log: functionLog,
  }),
});
