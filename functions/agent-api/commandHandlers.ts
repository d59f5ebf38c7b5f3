import type * as z from 'zod';
import {
  agentMessageRequestSchema,
  assignRequestSchema,
  deedRequestSchema,
  mergeRequestSchema,
  snoozeRequestSchema,
  splitRequestSchema,
} from '../../shared/contracts/conversation.ts';
import {
  type AgentAct,
  type CommandPorts,
  commandConversation,
} from '../../shared/conversation/commandConversation.ts';
import type { ConversationDeed } from '../../shared/conversation/conversationCommand.ts';
import { noteConversation } from '../../shared/conversation/noteConversation.ts';
import type { HttpAnswer, HttpHandler, HttpHandlers, HttpRequest } from '../../shared/platform/http.ts';
import type { Log } from '../../shared/platform/log.ts';
import { apiKey } from '../../shared/source/credentials.ts';
import type { SourceRegistry } from '../../shared/source/sourceRegistry.ts';
import type { Appended } from '../../shared/timeline/timeline.ts';
import { invalidField, noConversation, readAgentRequest } from './agentRequest.ts';

export interface CommandHandlerPorts extends CommandPorts {
  registry: SourceRegistry;
  log: Pick<Log, 'count'>;
}

type CommandOperation =
  | 'resolveConversation'
  | 'reopenConversation'
  | 'snoozeConversation'
  | 'assignConversation'
  | 'addConversationNote'
  | 'splitConversation'
  | 'mergeConversation';

/** What an agent's request says besides its own matter. */
type AgentFields = { agent?: string | undefined; messageId?: string | undefined };

const longestSnoozeMs = 366 * 24 * 60 * 60 * 1000;

/** What agents do to conversations; each is stored once and carried out by the projection. */
export function createCommandHandlers(ports: CommandHandlerPorts): Pick<HttpHandlers<'agent-api'>, CommandOperation> {
  const { log, registry } = ports;

  /** Authorises, reads the body, stores what `store` makes of it. */
  const acting =
    <T extends AgentFields>(
      schema: z.ZodType<T>,
      store: (act: AgentAct, body: T) => Promise<Appended | undefined>,
    ): HttpHandler =>
    async (request): Promise<HttpAnswer> => {
      const source = registry.authenticate(apiKey(request.headers), 'conversations:write');
      const body = readAgentRequest(request, schema);
      const { params, receivedAtMs } = request;
      const { agent, messageId } = body;
      const act = { conversationId: params.conversationId ?? '', source, agent, messageId, receivedAtMs };
      const appended = await store(act, body);
      if (appended === undefined) throw noConversation();
      log.count(appended.duplicate ? 'InteractionsDuplicated' : 'InteractionsStored');
      return { status: 201, body: { id: appended.id } };
    };
  const commanding = <T extends AgentFields>(
    schema: z.ZodType<T>,
    deedOf: (body: T, act: Pick<HttpRequest, 'receivedAtMs'>) => ConversationDeed,
  ): HttpHandler => acting(schema, (act, body) => commandConversation(ports, { ...act, deed: deedOf(body, act) }));

  return {
    resolveConversation: commanding(deedRequestSchema, () => ({ does: 'resolve' })),
    reopenConversation: commanding(deedRequestSchema, () => ({ does: 'reopen' })),
    snoozeConversation: commanding(snoozeRequestSchema, ({ until }, { receivedAtMs }) => {
      const untilMs = Date.parse(until);
      const isNear = untilMs > receivedAtMs && untilMs <= receivedAtMs + longestSnoozeMs;
      if (!isNear) throw invalidField('body', 'until', 'expected a time in the future, at most a year ahead');
      return { does: 'snooze', untilMs };
    }),
    assignConversation: commanding(assignRequestSchema, ({ assignee }) => ({
      does: 'assign',
      assignee: assignee ?? undefined,
    })),
    mergeConversation: commanding(mergeRequestSchema, ({ into }) => ({ does: 'merge', into })),
    splitConversation: acting(splitRequestSchema, async (act, { message }) => {
      const [whole, part] = await Promise.all(
        [act.conversationId, message].map((id) => ports.conversations.readCard(id)),
      );
      if (whole === undefined) return undefined;
      if (part?.conversationId !== whole.conversationId) {
        throw invalidField('body', 'message', 'expected a message of this conversation');
      }
      return commandConversation(ports, { ...act, conversationId: message, deed: { does: 'split' } });
    }),
    addConversationNote: acting(agentMessageRequestSchema, (act, { text }) =>
      noteConversation(ports, { ...act, text }),
    ),
  };
}
