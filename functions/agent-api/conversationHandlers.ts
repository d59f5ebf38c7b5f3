import {
  agentMessageRequestSchema,
  type ConversationDetail,
  type ConversationList,
  conversationListQuerySchema,
  conversationRequestSchema,
  messageListQuerySchema,
  readRequestSchema,
} from '../../shared/contracts/conversation.ts';
import type { Scope, Source } from '../../shared/contracts/source.ts';
import { leafOfMessage } from '../../shared/conversation/conversationKeys.ts';
import { conversationSummaryOf } from '../../shared/conversation/conversationSummaryOf.ts';
import type { Conversations } from '../../shared/conversation/conversations.ts';
import { type ReadMarks, readerOfOurs, readMarksShown } from '../../shared/conversation/readMarks.ts';
import { sendMessage } from '../../shared/conversation/sendMessage.ts';
import { startConversation } from '../../shared/conversation/startConversation.ts';
import type { Customers } from '../../shared/customer/customers.ts';
import { type ConversationView, readConversation } from '../../shared/customer/readConversation.ts';
import { isLeaf, type LeafOf } from '../../shared/identity/leaf.ts';
import {
  type HttpAnswer,
  type HttpHandlers,
  type HttpRequest,
  readJson,
  readQuery,
} from '../../shared/platform/http.ts';
import type { NewId } from '../../shared/platform/ids.ts';
import type { Log } from '../../shared/platform/log.ts';
import { apiKey } from '../../shared/source/credentials.ts';
import type { SourceRegistry } from '../../shared/source/sourceRegistry.ts';
import type { Appended, Timeline } from '../../shared/timeline/timeline.ts';
import { invalidField, noConversation, noCustomer, readAgentRequest } from './agentRequest.ts';

export interface ConversationPorts {
  customers: Customers;
  leafOf: LeafOf;
  conversations: Conversations;
  readMarks: Pick<ReadMarks, 'markRead' | 'listMarks'>;
  timeline: Timeline;
  registry: SourceRegistry;
  newId: NewId;
  log: Pick<Log, 'count'>;
}

type ConversationOperation =
  | 'listConversations'
  | 'getConversation'
  | 'listConversationMessages'
  | 'sendConversationMessage'
  | 'startConversation'
  | 'markConversationRead';

export function createConversationHandlers(
  ports: ConversationPorts,
): Pick<HttpHandlers<'agent-api'>, ConversationOperation> {
  const { conversations, log, readMarks, registry, timeline } = ports;
  const authorise = ({ headers }: HttpRequest, scope: Scope): Source => registry.authenticate(apiKey(headers), scope);

  async function conversationNamed({ params }: HttpRequest): Promise<ConversationView> {
    const conversation = await readConversation(ports, params.conversationId ?? '');
    if (conversation === undefined) throw noConversation();
    return conversation;
  }

  const stored = ({ duplicate, id }: Appended): HttpAnswer => {
    log.count(duplicate ? 'InteractionsDuplicated' : 'InteractionsStored');
    return { status: 201, body: { id } };
  };

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
      const { card } = await conversationNamed(request);
      const marks = await readMarks.listMarks(card.conversationId);
      const body: ConversationDetail = { ...conversationSummaryOf(card), readMarks: readMarksShown(marks) };
      return { status: 200, body };
    },

    listConversationMessages: async (request) => {
      authorise(request, 'conversations:read');
      const query = readQuery(request, messageListQuerySchema);
      const { card, leaves } = await conversationNamed(request);
      const { conversationId } = card;
      return { status: 200, body: await conversations.readMessages({ ...query, conversationId, leaves }) };
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
      return stored(appended);
    },

    startConversation: async (request) => {
      const source = authorise(request, 'conversations:write');
      const body = readAgentRequest(request, conversationRequestSchema);
      if (!isLeaf(body.customerId)) throw noCustomer();
      return stored(await startConversation(ports, { ...body, source, receivedAtMs: request.receivedAtMs }));
    },

    markConversationRead: async (request) => {
      const source = authorise(request, 'conversations:write');
      const { agent = source.name, upTo } = readJson(request, readRequestSchema);
      const [card, [message]] = await Promise.all([
        conversations.readCard(request.params.conversationId ?? ''),
        leafOfMessage(upTo) === undefined ? [] : timeline.readByIds([upTo]),
      ]);
      if (card === undefined) throw noConversation();
      if (message?.conversationId !== card.conversationId) {
        throw invalidField('body', 'upTo', 'expected a message of this conversation');
      }
      await readMarks.markRead(card.conversationId, readerOfOurs(agent), Date.parse(message.receivedAt));
      return { status: 201, body: { id: message.id } };
    },
  };
}
