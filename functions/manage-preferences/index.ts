import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { preferenceOperations } from '../../shared/contracts/operations/preferenceOperations.ts';
import { createSendLedgerStore } from '../../shared/follow-up/sendLedgerStore.ts';
import { createUnsubscribeTokens } from '../../shared/follow-up/unsubscribeToken.ts';
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
import { createManagePreferencesHandlers } from './handler.ts';

const { COMPANY_NAME, PARAMETER_PREFIX, TABLE_NAME } = readConfiguration(
  z.object({
    COMPANY_NAME: z.string().min(1),
    PARAMETER_PREFIX: z.string().startsWith('/'),
    TABLE_NAME: z.string().min(1),
  }),
  process.env,
);
const settings = parseSettings(await readParameters(new SSMClient({}), PARAMETER_PREFIX));
const table = createTable(createDynamoDbClient(), TABLE_NAME);

export const handler = httpFunction({
  name: 'manage-preferences',
  operations: preferenceOperations,
  handlers: createManagePreferencesHandlers({
    tokens: createUnsubscribeTokens(settings.tokenKeys),
    ledgers: createSendLedgerStore(table),
    timeline: createLoggedTimeline(createTimelineStore(table), functionLog),
    newId: randomId,
    company: COMPANY_NAME,
  }),
  clock: systemClock,
});
