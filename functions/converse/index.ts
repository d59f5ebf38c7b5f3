import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { widgetOperations } from '../../shared/contracts/operations/widgetOperations.ts';
import { createConversationStore } from '../../shared/conversation/conversationStore.ts';
import { createReadMarkStore } from '../../shared/conversation/readMarkStore.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import { createParsePhone } from '../../shared/identity/parsePhone.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { readConfiguration } from '../../shared/platform/configuration.ts';
import { httpFunction } from '../../shared/platform/http.ts';
import { randomId } from '../../shared/platform/ids.ts';
import { functionLog } from '../../shared/platform/log.ts';
import { readParameters } from '../../shared/platform/parameters.ts';
import { createDynamoDbClient, createTable } from '../../shared/platform/table.ts';
import { createCors } from '../../shared/source/cors.ts';
import { parseSettings } from '../../shared/source/settings.ts';
import { createSourceRegistry } from '../../shared/source/sourceRegistry.ts';
import { createLoggedTimeline } from '../../shared/timeline/loggedTimeline.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createResumeTokens } from '../../shared/token/resumeToken.ts';
import { createTokenStore } from '../../shared/token/tokenStore.ts';
import { createSessionTokens } from '../../shared/widget/sessionToken.ts';
import { createConverseHandlers } from './handler.ts';

const { COMPANY_NAME, PARAMETER_PREFIX, PUBLIC_URL, TABLE_NAME } = readConfiguration(
  z.object({
    COMPANY_NAME: z.string().min(1),
    PARAMETER_PREFIX: z.string().startsWith('/'),
    PUBLIC_URL: z.url().transform((url) => url.replace(/\/+$/, '')),
    TABLE_NAME: z.string().min(1),
  }),
  process.env,
);
const settings = parseSettings(await readParameters(new SSMClient({}), PARAMETER_PREFIX));
const table = createTable(createDynamoDbClient(), TABLE_NAME);
const timeline = createLoggedTimeline(createTimelineStore(table), functionLog);
const registry = createSourceRegistry(settings.sources);
const cors = createCors(registry);

export const handler = httpFunction({
  name: 'converse',
  operations: widgetOperations,
  handlers: createConverseHandlers({
    timeline,
    customers: createCustomerStore(table),
    conversations: createConversationStore(table, timeline),
    readMarks: createReadMarkStore(table),
    resumeTokens: createResumeTokens(settings.tokenKeys, systemClock),
    resumeUses: createTokenStore(table),
    publicUrl: PUBLIC_URL,
    company: COMPANY_NAME,
    tokens: createSessionTokens(settings.tokenKeys, systemClock),
    leafOf: createLeafOf(settings.pepper),
    parsePhone: createParsePhone(settings.defaults.country),
    newId: randomId,
    registry,
    cors,
    log: functionLog,
  }),
  clock: systemClock,
  errorHeaders: cors.headers,
});
