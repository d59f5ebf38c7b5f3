import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { telephoneOperations } from '../../shared/contracts/operations/telephoneOperations.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import { createParsePhone } from '../../shared/identity/parsePhone.ts';
import { systemClock } from '../../shared/platform/clock.ts';
import { readConfiguration } from '../../shared/platform/configuration.ts';
import { httpFunction } from '../../shared/platform/http.ts';
import { readParameters } from '../../shared/platform/parameters.ts';
import { createDynamoDbClient, createTable } from '../../shared/platform/table.ts';
import { createSearchStore } from '../../shared/search/searchStore.ts';
import { parseSettings } from '../../shared/source/settings.ts';
import { createSourceRegistry } from '../../shared/source/sourceRegistry.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createLookupCustomerHandlers } from './handler.ts';

const { TABLE_NAME, PARAMETER_PREFIX, PUBLIC_URL } = readConfiguration(
  z.object({ TABLE_NAME: z.string().min(1), PARAMETER_PREFIX: z.string().startsWith('/'), PUBLIC_URL: z.url() }),
  process.env,
);
const settings = parseSettings(await readParameters(new SSMClient({}), PARAMETER_PREFIX));
const table = createTable(createDynamoDbClient(), TABLE_NAME);

export const handler = httpFunction({
  name: 'lookup-customer',
  operations: telephoneOperations,
  handlers: createLookupCustomerHandlers({
    timeline: createTimelineStore(table),
    customers: createCustomerStore(table),
    search: createSearchStore(table, settings.pepper),
    leafOf: createLeafOf(settings.pepper),
    parsePhone: createParsePhone(settings.defaults.country),
    publicUrl: PUBLIC_URL,
    registry: createSourceRegistry(settings.sources),
  }),
  clock: systemClock,
});
