import { messageListQuerySchema } from '../../shared/contracts/conversation.ts';
import type { Source } from '../../shared/contracts/source.ts';
import { widgetMessageRequestSchema, widgetSessionRequestSchema } from '../../shared/contracts/widget.ts';
import { PlatformError } from '../../shared/platform/errors.ts';
import { type HttpHandlers, type HttpRequest, readJson, readQuery } from '../../shared/platform/http.ts';
import type { Log } from '../../shared/platform/log.ts';
import { type Cors, requireAllowedOrigin } from '../../shared/source/cors.ts';
import { bearerKey } from '../../shared/source/credentials.ts';
import type { SourceRegistry } from '../../shared/source/sourceRegistry.ts';
import type { Appended } from '../../shared/timeline/timeline.ts';
import { listMessages } from '../../shared/widget/listMessages.ts';
import { type OpenSessionPorts, openSession } from '../../shared/widget/openSession.ts';
import { receiveMessage } from '../../shared/widget/receiveMessage.ts';
import type { Visitor } from '../../shared/widget/sessionToken.ts';
import { widgetKey } from './widgetKey.ts';

export interface ConversePorts extends OpenSessionPorts {
  registry: SourceRegistry;
  cors: Cors;
  log: Pick<Log, 'count'>;
}

/** The conversation in the browser: a write key opens a session, the session's token writes and reads. */
export function createConverseHandlers(ports: ConversePorts): HttpHandlers<'converse'> {
  const { cors, log, registry, tokens } = ports;
  const count = ({ duplicate }: Appended) => log.count(duplicate ? 'InteractionsDuplicated' : 'InteractionsStored');

  async function visitorOf({ headers }: HttpRequest): Promise<Visitor> {
    const visitor = await tokens.verify(bearerKey(headers));
    requireAllowedOrigin(sourceOf(registry, visitor), headers);
    return visitor;
  }

  return {
    openWidgetSession: async (request) => {
      const source = registry.authenticate(widgetKey(request), 'widget:converse');
      requireAllowedOrigin(source, request.headers);
      const { session, stated } = await openSession(ports, {
        source,
        request: readJson(request, widgetSessionRequestSchema),
        receivedAtMs: request.receivedAtMs,
      });
      if (stated) count(stated);
      return { status: 201, headers: cors.headers(request.headers), body: session };
    },

    sendWidgetMessage: async (request) => {
      const visitor = await visitorOf(request);
      const message = readJson(request, widgetMessageRequestSchema);
      const appended = await receiveMessage(ports, { visitor, message, receivedAtMs: request.receivedAtMs });
      count(appended);
      return { status: 201, headers: cors.headers(request.headers), body: { id: appended.id } };
    },

    listWidgetMessages: async (request) => {
      const visitor = await visitorOf(request);
      const page = await listMessages(ports, { visitor, ...readQuery(request, messageListQuerySchema) });
      return { status: 200, headers: cors.headers(request.headers), body: page };
    },

    preflightWidget: async (request) => cors.preflight(request.headers),
  };
}

/** A session ends early where its source was removed or may no longer converse. */
function sourceOf(registry: SourceRegistry, visitor: Visitor): Source {
  const source = registry.named(visitor.source);
  if (source?.scopes.includes('widget:converse')) return source;
  throw new PlatformError('unauthenticated', 'The session token is not valid.');
}
