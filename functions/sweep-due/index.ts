import * as z from 'zod';
import { createDueItemsStore } from '../../shared/due/dueItemsStore.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { readConfiguration } from '../../shared/platform/configuration.ts';
import { functionLog } from '../../shared/platform/log.ts';
import { scheduledFunction } from '../../shared/platform/schedule.ts';
import { createDynamoDbClient, createTable } from '../../shared/platform/table.ts';
import { createLoggedTimeline } from '../../shared/timeline/loggedTimeline.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createSweepDue } from './handler.ts';

const { TABLE_NAME } = readConfiguration(z.object({ TABLE_NAME: z.string().min(1) }), process.env);
const table = createTable(createDynamoDbClient(), TABLE_NAME);

export const handler = scheduledFunction(
  createSweepDue({
    due: createDueItemsStore(table, systemClock),
    timeline: createLoggedTimeline(createTimelineStore(table), functionLog),
    clock: systemClock,
    log: functionLog,
  }),
);
