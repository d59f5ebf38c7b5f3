import { SSMClient } from '@aws-sdk/client-ssm';
import * as z from 'zod';
import { eventOperations } from '../../shared/contracts/operations/eventOperations.ts';
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
import { createCollectEventsHandlers } from './handler.ts';

const configuration = readConfiguration(
  z.object({ TABLE_NAME: z.string().min(1), PARAMETER_PREFIX: z.string().min(1) }),
  process.env,
);
const settings = parseSettings(await readParameters(new SSMClient({}), configuration.PARAMETER_PREFIX));
const registry = createSourceRegistry(settings.sources);
const cors = createCors(registry);

export const handler = httpFunction({
  name: 'collect-events',
  operations: eventOperations,
  clock: systemClock,
  errorHeaders: cors.headers,
  handlers: createCollectEventsHandlers({
    timeline: createLoggedTimeline(
      createTimelineStore(createTable(createDynamoDbClient(), configuration.TABLE_NAME)),
      functionLog,
    ),
    leafOf: createLeafOf(settings.pepper),
    parsePhone: createParsePhone(settings.defaults.country),
    newId: randomId,
    registry,
    cors,
    log: functionLog,
  }),
});
