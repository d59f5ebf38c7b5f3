import type { HttpHandlers } from '../../shared/platform/http.ts';
import type { Log } from '../../shared/platform/log.ts';
import type { CollectPorts } from '../../shared/segment/collectEvents.ts';
import type { Cors } from '../../shared/source/cors.ts';
import type { SourceRegistry } from '../../shared/source/sourceRegistry.ts';
import { createCollectEvent } from './collectEvent.ts';
import { createGetProjectSettings } from './getProjectSettings.ts';

/** The website channel by the Segment spec: events in, settings and preflights out. */
export function createCollectEventsHandlers(
  ports: CollectPorts & { registry: SourceRegistry; cors: Cors; log: Log },
): HttpHandlers<'collect-events'> {
  return {
    collectEvent: createCollectEvent(ports),
    getProjectSettings: createGetProjectSettings(ports),
    preflightEvents: async ({ headers }) => ports.cors.preflight(headers),
  };
}
