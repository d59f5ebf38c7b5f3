import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { telephoneOperations } from '../../shared/contracts/operations/telephoneOperations.ts';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import { createParsePhone } from '../../shared/identity/parsePhone.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { readConfiguration } from '../../shared/platform/configuration.ts';
import { httpFunction } from '../../shared/platform/http.ts';
import { randomId } from '../../shared/platform/ids.ts';
import { functionLog } from '../../shared/platform/log.ts';
import { readParameters } from '../../shared/platform/parameters.ts';
import { createDynamoDbClient, createTable } from '../../shared/platform/table.ts';
import { parseSettings } from '../../shared/source/settings.ts';
import { createLoggedTimeline } from '../../shared/timeline/loggedTimeline.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createReceiveCallHandlers } from './handler.ts';

const { PARAMETER_PREFIX, PUBLIC_URL, TABLE_NAME } = readConfiguration(
  z.object({
    TABLE_NAME: z.string().min(1),
    PARAMETER_PREFIX: z.string().startsWith('/'),
    PUBLIC_URL: z.url().transform((url) => url.replace(/\/+$/, '')),
  }),
  process.env,
);
const settings = parseSettings(await readParameters(new SSMClient({}), PARAMETER_PREFIX));

export const handler = httpFunction({
  name: 'receive-call',
  operations: telephoneOperations,
  clock: systemClock,
  handlers: createReceiveCallHandlers({
    timeline: createLoggedTimeline(createTimelineStore(createTable(createDynamoDbClient(), TABLE_NAME)), functionLog),
    leafOf: createLeafOf(settings.pepper),
    newId: randomId,
    sources: settings.sources,
    parsePhone: createParsePhone(settings.defaults.country),
    publicUrl: PUBLIC_URL,
    log: functionLog,
  }),
});
