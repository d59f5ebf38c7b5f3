import { messageListQuerySchema } from '../../shared/contracts/conversation.ts';
import type { Source } from '../../shared/contracts/source.ts';
import {
  historyQuerySchema,
  widgetMessageRequestSchema,
  widgetResumeRequestSchema,
  widgetSessionRequestSchema,
} from '../../shared/contracts/widget.ts';
import { PlatformError } from '../../shared/platform/errors.ts';
import { type HttpHandlers, type HttpRequest, readJson, readQuery } from '../../shared/platform/http.ts';
import type { Log } from '../../shared/platform/log.ts';
import { type Cors, requireAllowedOrigin } from '../../shared/source/cors.ts';
import { bearerKey } from '../../shared/source/credentials.ts';
import type { SourceRegistry } from '../../shared/source/sourceRegistry.ts';
import type { Appended } from '../../shared/timeline/timeline.ts';
import type { ResumeTokens } from '../../shared/token/resumeToken.ts';
import { type HistoryPorts, listHistory } from '../../shared/widget/listHistory.ts';
import { listMessages } from '../../shared/widget/listMessages.ts';
import { type OpenSessionPorts, openSession } from '../../shared/widget/openSession.ts';
import { receiveMessage } from '../../shared/widget/receiveMessage.ts';
import { type ResumePorts, resumeConversation } from '../../shared/widget/resumeConversation.ts';
import type { Visitor } from '../../shared/widget/sessionToken.ts';
import { brokenLinkPage, resumePage, resumePageHeaders } from './resumePage.ts';
import { widgetKey } from './widgetKey.ts';

export interface ConversePorts extends OpenSessionPorts, HistoryPorts, ResumePorts {
  timeline: OpenSessionPorts['timeline'] & HistoryPorts['timeline'];
  customers: OpenSessionPorts['customers'] & HistoryPorts['customers'];
  registry: SourceRegistry;
  cors: Cors;
  resumeTokens: Pick<ResumeTokens, 'verify'>;
  /** Address of the API, without a slash at its end: its own page may use the widget's operations. */
  publicUrl: string;
  /** In whose name the mails went out. */
  company: string;
  log: Pick<Log, 'count'>;
}

/** The conversation in the browser: a write key opens a session, the session's token writes and reads. */
export function createConverseHandlers(ports: ConversePorts): HttpHandlers<'converse'> {
  const { cors, log, registry, tokens } = ports;
  const count = ({ duplicate }: Appended) => log.count(duplicate ? 'InteractionsDuplicated' : 'InteractionsStored');

  const requireOrigin = (source: Source, headers: HttpRequest['headers']) => {
    if (headers.origin !== ports.publicUrl) requireAllowedOrigin(source, headers);
  };

  async function visitorOf({ headers }: HttpRequest): Promise<Visitor> {
    const visitor = await tokens.verify(bearerKey(headers));
    requireOrigin(sourceOf(registry, visitor.source), headers);
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

    listWidgetHistory: async (request) => {
      const visitor = await visitorOf(request);
      const page = await listHistory(ports, { visitor, ...readQuery(request, historyQuerySchema) });
      return { status: 200, headers: cors.headers(request.headers), body: page };
    },

    resumeConversation: async (request) => {
      const { anonymousId = ports.newId(), token } = readJson(request, widgetResumeRequestSchema);
      const resumption = await ports.resumeTokens.verify(token);
      const source = sourceOf(registry, resumption.source);
      requireOrigin(source, request.headers);
      const { receivedAtMs } = request;
      const { session, stated } = await resumeConversation(ports, { source, resumption, anonymousId, receivedAtMs });
      count(stated);
      return { status: 201, headers: cors.headers(request.headers), body: session };
    },

    showResume: async ({ params }) => {
      try {
        const { language } = await ports.resumeTokens.verify(params.token ?? '');
        return { status: 200, headers: resumePageHeaders, text: resumePage(ports.company, language) };
      } catch (error) {
        if (!(error instanceof PlatformError && error.code === 'unauthenticated')) throw error;
        return { status: 410, headers: resumePageHeaders, text: brokenLinkPage(ports.company) };
      }
    },

    preflightWidget: async (request) => cors.preflight(request.headers),
  };
}

/** A session ends early where its source was removed or may no longer converse. */
function sourceOf(registry: SourceRegistry, name: string): Source {
  const source = registry.named(name);
  if (source?.scopes.includes('widget:converse')) return source;
  throw new PlatformError('unauthenticated', 'The session token is not valid.');
}
