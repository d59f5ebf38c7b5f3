import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { agentOperations } from '../../shared/contracts/operations/agentOperations.ts';
import { createConversationStore } from '../../shared/conversation/conversationStore.ts';
import { createReadMarkStore } from '../../shared/conversation/readMarkStore.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import { createAgentRequestStore } from '../../shared/identity/agentRequestStore.ts';
import { createIdentityStore } from '../../shared/identity/identityStore.ts';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import { createParsePhone } from '../../shared/identity/parsePhone.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { readConfiguration } from '../../shared/platform/configuration.ts';
import { httpFunction } from '../../shared/platform/http.ts';
import { randomId } from '../../shared/platform/ids.ts';
import { functionLog } from '../../shared/platform/log.ts';
import { readParameters } from '../../shared/platform/parameters.ts';
import { createDynamoDbClient, createTable } from '../../shared/platform/table.ts';
import { createSearchStore } from '../../shared/search/searchStore.ts';
import { parseSettings } from '../../shared/source/settings.ts';
import { createSourceRegistry } from '../../shared/source/sourceRegistry.ts';
import { createLoggedTimeline } from '../../shared/timeline/loggedTimeline.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createAgentApiHandlers } from './handler.ts';

const { TABLE_NAME, PARAMETER_PREFIX } = readConfiguration(
  z.object({ TABLE_NAME: z.string().min(1), PARAMETER_PREFIX: z.string().startsWith('/') }),
  process.env,
);
const settings = parseSettings(await readParameters(new SSMClient({}), PARAMETER_PREFIX));
const table = createTable(createDynamoDbClient(), TABLE_NAME);
const timeline = createLoggedTimeline(createTimelineStore(table), functionLog);

export const handler = httpFunction({
  name: 'agent-api',
  operations: agentOperations,
  handlers: createAgentApiHandlers({
    timeline,
    customers: createCustomerStore(table),
    conversations: createConversationStore(table, timeline),
    identities: createIdentityStore(table),
    requests: createAgentRequestStore(table),
    readMarks: createReadMarkStore(table),
    search: createSearchStore(table, settings.pepper),
    leafOf: createLeafOf(settings.pepper),
    parsePhone: createParsePhone(settings.defaults.country),
    newId: randomId,
    registry: createSourceRegistry(settings.sources),
    log: functionLog,
  }),
  clock: systemClock,
});
