import {
  agentMessageRequestSchema,
  type ConversationList,
  conversationListQuerySchema,
  messageListQuerySchema,
} from '../../shared/contracts/conversation.ts';
import type { Scope, Source } from '../../shared/contracts/source.ts';
import { conversationSummaryOf } from '../../shared/conversation/conversationSummaryOf.ts';
import type { Conversations } from '../../shared/conversation/conversations.ts';
import { sendMessage } from '../../shared/conversation/sendMessage.ts';
import type { Customers } from '../../shared/customer/customers.ts';
import type { LeafOf } from '../../shared/identity/leaf.ts';
import { type HttpHandlers, type HttpRequest, readQuery } from '../../shared/platform/http.ts';
import type { NewId } from '../../shared/platform/ids.ts';
import type { Log } from '../../shared/platform/log.ts';
import { apiKey } from '../../shared/source/credentials.ts';
import type { SourceRegistry } from '../../shared/source/sourceRegistry.ts';
import type { Timeline } from '../../shared/timeline/timeline.ts';
import { noConversation, readAgentRequest } from './agentRequest.ts';

export interface ConversationPorts {
  customers: Customers;
  leafOf: LeafOf;
  conversations: Conversations;
  timeline: Timeline;
  registry: SourceRegistry;
  newId: NewId;
  log: Pick<Log, 'count'>;
}

type ConversationOperation =
  | 'listConversations'
  | 'getConversation'
  | 'listConversationMessages'
  | 'sendConversationMessage';

export function createConversationHandlers(
  ports: ConversationPorts,
): Pick<HttpHandlers<'agent-api'>, ConversationOperation> {
  const { conversations, log, registry } = ports;
  const authorise = ({ headers }: HttpRequest, scope: Scope): Source => registry.authenticate(apiKey(headers), scope);

  return {
    listConversations: async (request) => {
      authorise(request, 'conversations:read');
      const { conversations: cards, next } = await conversations.listInbox(
        readQuery(request, conversationListQuerySchema),
      );
      const body: ConversationList = { conversations: cards.map(conversationSummaryOf), next };
      return { status: 200, body };
    },

    getConversation: async (request) => {
      authorise(request, 'conversations:read');
      const card = await conversations.readCard(request.params.conversationId ?? '');
      if (card === undefined) throw noConversation();
      return { status: 200, body: conversationSummaryOf(card) };
    },

    listConversationMessages: async (request) => {
      authorise(request, 'conversations:read');
      const query = readQuery(request, messageListQuerySchema);
      const card = await conversations.readCard(request.params.conversationId ?? '');
      if (card === undefined) throw noConversation();
      return {
        status: 200,
        body: await conversations.readMessages({ ...query, conversationId: card.conversationId }),
      };
    },

    sendConversationMessage: async (request) => {
      const source = authorise(request, 'conversations:write');
      const appended = await sendMessage(ports, {
        conversationId: request.params.conversationId ?? '',
        source,
        message: readAgentRequest(request, agentMessageRequestSchema),
        receivedAtMs: request.receivedAtMs,
      });
      if (appended === undefined) throw noConversation();
      log.count(appended.duplicate ? 'InteractionsDuplicated' : 'InteractionsStored');
      return { status: 201, body: { id: appended.id } };
    },
  };
}
