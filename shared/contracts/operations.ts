import type * as z from 'zod';
import * as zod from 'zod';
import { twilioCallSchema, twilioTextMessageSchema, twimlSchema } from './call.ts';
import {
  agentMessageRequestSchema,
  assignRequestSchema,
  conversationListQuerySchema,
  conversationListSchema,
  conversationRequestSchema,
  conversationSchema,
  deedRequestSchema,
  idempotencyHeadersSchema,
  mergeRequestSchema,
  messageListQuerySchema,
  readRequestSchema,
  snoozeRequestSchema,
  splitRequestSchema,
} from './conversation.ts';
import {
  contextSchema,
  customerListSchema,
  customerSearchSchema,
  profileSchema,
  timelinePageSchema,
  timelineQuerySchema,
} from './customer.ts';
import { healthSchema } from './health.ts';
import { linkAnswerSchema, linkRequestSchema, unlinkAnswerSchema } from './link.ts';
import { lookupAnswerSchema, lookupQuerySchema } from './lookup.ts';
import { segmentAnswerSchema, segmentBodySchema } from './segment.ts';
import type { Scope } from './source.ts';
import {
  historyPageSchema,
  historyQuerySchema,
  messagePageSchema,
  storedSchema,
  widgetMessageRequestSchema,
  widgetResumeRequestSchema,
  widgetSessionRequestSchema,
  widgetSessionSchema,
} from './widget.ts';

/** The functions that answer HTTP requests, by their verb-noun. */
export type HttpFunction =
  | 'collect-events'
  | 'converse'
  | 'agent-api'
  | 'describe-api'
  | 'lookup-customer'
  | 'receive-call'
  | 'manage-preferences';

/** One HTTP operation: routes, router and OpenAPI document are made from this list. */
export interface Operation {
  operationId: string;
  method: 'GET' | 'POST' | 'OPTIONS';
  /** In the gateway's notation: `{name}`, `{name+}`. */
  path: string;
  function: HttpFunction;
  summary: string;
  /** What the caller shows: a key with this scope, a widget session token, a signature by Twilio, or nothing. */
  credential: { scope: Scope } | 'session' | 'twilio' | 'none';
  query?: z.ZodObject;
  /** Headers that the operation reads, by their lower-case names. */
  headers?: z.ZodObject;
  body?: z.ZodType;
  /** Where all of its fields are optional, none may be sent at all. */
  bodyIsOptional?: true;
  /** JSON unless it says otherwise. */
  bodyType?: 'application/x-www-form-urlencoded';
  /** Status and body of success. */
  answer?: { status: 200 | 201; body: z.ZodType; type?: 'text/html' | 'text/xml' };
  /** It may contradict how things are: 409. */
  mayConflict?: true;
  /** Left out of the OpenAPI document: preflights. */
  hidden?: true;
}

export const operations = [
  {
    operationId: 'collectEvent',
    method: 'POST',
    path: '/v1/{call}',
    function: 'collect-events',
    summary:
      'Take in events by the Segment spec: track, identify, page, screen, group, alias, batch, or t, i, p, s, g, a, b, m',
    credential: { scope: 'events:write' },
    body: segmentBodySchema,
    answer: { status: 200, body: segmentAnswerSchema },
  },
  {
    operationId: 'getProjectSettings',
    method: 'GET',
    path: '/v1/projects/{writeKey}/settings',
    function: 'collect-events',
    summary: "Settings that Segment's browser SDK asks for before it sends",
    credential: 'none',
    answer: { status: 200, body: zod.record(zod.string(), zod.unknown()) },
  },
  {
    operationId: 'preflightEvents',
    method: 'OPTIONS',
    path: '/v1/{path+}',
    function: 'collect-events',
    summary: 'CORS preflight',
    credential: 'none',
    hidden: true,
  },
  {
    operationId: 'openWidgetSession',
    method: 'POST',
    path: '/widget/session',
    function: 'converse',
    summary: "Open the visitor's session; a signed user id is verified, a wrong signature refused",
    credential: { scope: 'widget:converse' },
    body: widgetSessionRequestSchema,
    answer: { status: 201, body: widgetSessionSchema },
  },
  {
    operationId: 'sendWidgetMessage',
    method: 'POST',
    path: '/widget/messages',
    function: 'converse',
    summary: "Take in a visitor's chat message",
    credential: 'session',
    body: widgetMessageRequestSchema,
    answer: { status: 201, body: storedSchema },
  },
  {
    operationId: 'listWidgetMessages',
    method: 'GET',
    path: '/widget/messages',
    function: 'converse',
    summary: "Messages of the visitor's conversation in order of arrival",
    credential: 'session',
    query: messageListQuerySchema,
    answer: { status: 200, body: messagePageSchema },
  },
  {
    operationId: 'listWidgetHistory',
    method: 'GET',
    path: '/widget/history',
    function: 'converse',
    summary: 'What the visitor may read of all conversations, newest first',
    credential: 'session',
    query: historyQuerySchema,
    answer: { status: 200, body: historyPageSchema },
  },
  {
    operationId: 'resumeConversation',
    method: 'POST',
    path: '/widget/resume',
    function: 'converse',
    summary: 'Go on with a conversation by the link in a mail, once',
    credential: 'none',
    body: widgetResumeRequestSchema,
    answer: { status: 201, body: widgetSessionSchema },
  },
  {
    operationId: 'showResume',
    method: 'GET',
    path: '/resume/{token}',
    function: 'converse',
    summary: 'A page on which the link in a mail leads back into the conversation; changes nothing by itself',
    credential: 'none',
    answer: { status: 200, body: zod.string(), type: 'text/html' },
  },
  {
    operationId: 'preflightWidget',
    method: 'OPTIONS',
    path: '/widget/{path+}',
    function: 'converse',
    summary: 'CORS preflight',
    credential: 'none',
    hidden: true,
  },
  {
    operationId: 'findCustomers',
    method: 'GET',
    path: '/customers',
    function: 'agent-api',
    summary: 'Find customers by an identifier, or by the beginning of a name or the end of a number',
    credential: { scope: 'customers:read' },
    query: customerSearchSchema,
    answer: { status: 200, body: customerListSchema },
  },
  {
    operationId: 'getCustomer',
    method: 'GET',
    path: '/customers/{customerId}',
    function: 'agent-api',
    summary: "A customer's profile",
    credential: { scope: 'customers:read' },
    answer: { status: 200, body: profileSchema },
  },
  {
    operationId: 'getCustomerContext',
    method: 'GET',
    path: '/customers/{customerId}/context',
    function: 'agent-api',
    summary: 'What the person who answers must know at once',
    credential: { scope: 'customers:read' },
    answer: { status: 200, body: contextSchema },
  },
  {
    operationId: 'getCustomerTimeline',
    method: 'GET',
    path: '/customers/{customerId}/timeline',
    function: 'agent-api',
    summary: 'Interactions, newest first',
    credential: { scope: 'customers:read' },
    query: timelineQuerySchema,
    answer: { status: 200, body: timelinePageSchema },
  },
  {
    operationId: 'linkIdentifiers',
    method: 'POST',
    path: '/customers/{customerId}/links',
    function: 'agent-api',
    summary: 'Say that two identifiers are one person; lifts what separated these two',
    credential: { scope: 'customers:write' },
    headers: idempotencyHeadersSchema,
    body: linkRequestSchema,
    mayConflict: true,
    answer: { status: 200, body: linkAnswerSchema },
  },
  {
    operationId: 'unlinkIdentifiers',
    method: 'POST',
    path: '/customers/{customerId}/links/remove',
    function: 'agent-api',
    summary: 'Take identifier a, and what hangs on it alone, out of the customer of b, and keep them apart',
    credential: { scope: 'customers:write' },
    headers: idempotencyHeadersSchema,
    body: linkRequestSchema,
    answer: { status: 200, body: unlinkAnswerSchema },
  },
  {
    operationId: 'listConversations',
    method: 'GET',
    path: '/conversations',
    function: 'agent-api',
    summary: 'The inbox: conversations of a status, longest waiting first',
    credential: { scope: 'conversations:read' },
    query: conversationListQuerySchema,
    answer: { status: 200, body: conversationListSchema },
  },
  {
    operationId: 'startConversation',
    method: 'POST',
    path: '/conversations',
    function: 'agent-api',
    summary: 'Write to a customer first, by mail or on the website; answers the id of the new conversation',
    credential: { scope: 'conversations:write' },
    headers: idempotencyHeadersSchema,
    body: conversationRequestSchema,
    mayConflict: true,
    answer: { status: 201, body: storedSchema },
  },
  {
    operationId: 'markConversationRead',
    method: 'POST',
    path: '/conversations/{conversationId}/read',
    function: 'agent-api',
    summary: 'Say how far an agent has read; a mark never goes back',
    credential: { scope: 'conversations:write' },
    body: readRequestSchema,
    answer: { status: 201, body: storedSchema },
  },
  {
    operationId: 'listConversationMessages',
    method: 'GET',
    path: '/conversations/{conversationId}/messages',
    function: 'agent-api',
    summary: "A conversation's messages in order of arrival",
    credential: { scope: 'conversations:read' },
    query: messageListQuerySchema,
    answer: { status: 200, body: messagePageSchema },
  },
  {
    operationId: 'sendConversationMessage',
    method: 'POST',
    path: '/conversations/{conversationId}/messages',
    function: 'agent-api',
    summary: 'Answer the customer on the channel of the conversation',
    credential: { scope: 'conversations:write' },
    headers: idempotencyHeadersSchema,
    body: agentMessageRequestSchema,
    mayConflict: true,
    answer: { status: 201, body: storedSchema },
  },
  {
    operationId: 'getConversation',
    method: 'GET',
    path: '/conversations/{conversationId}',
    function: 'agent-api',
    summary: 'A conversation: whose, how it stands, where it ended, who has read how far',
    credential: { scope: 'conversations:read' },
    answer: { status: 200, body: conversationSchema },
  },
  {
    operationId: 'resolveConversation',
    method: 'POST',
    path: '/conversations/{conversationId}/resolve',
    function: 'agent-api',
    summary: 'Close what was received so far; whatever comes later opens it again',
    credential: { scope: 'conversations:write' },
    headers: idempotencyHeadersSchema,
    body: deedRequestSchema,
    bodyIsOptional: true,
    answer: { status: 201, body: storedSchema },
  },
  {
    operationId: 'reopenConversation',
    method: 'POST',
    path: '/conversations/{conversationId}/reopen',
    function: 'agent-api',
    summary: 'Open a conversation that was resolved or snoozed',
    credential: { scope: 'conversations:write' },
    headers: idempotencyHeadersSchema,
    body: deedRequestSchema,
    bodyIsOptional: true,
    answer: { status: 201, body: storedSchema },
  },
  {
    operationId: 'snoozeConversation',
    method: 'POST',
    path: '/conversations/{conversationId}/snooze',
    function: 'agent-api',
    summary: 'Set a conversation aside until a time, or until the customer writes',
    credential: { scope: 'conversations:write' },
    headers: idempotencyHeadersSchema,
    body: snoozeRequestSchema,
    answer: { status: 201, body: storedSchema },
  },
  {
    operationId: 'assignConversation',
    method: 'POST',
    path: '/conversations/{conversationId}/assign',
    function: 'agent-api',
    summary: 'Say who takes care of a conversation, or that nobody does',
    credential: { scope: 'conversations:write' },
    headers: idempotencyHeadersSchema,
    body: assignRequestSchema,
    answer: { status: 201, body: storedSchema },
  },
  {
    operationId: 'addConversationNote',
    method: 'POST',
    path: '/conversations/{conversationId}/note',
    function: 'agent-api',
    summary: 'Add a note for colleagues, which no customer sees',
    credential: { scope: 'conversations:write' },
    headers: idempotencyHeadersSchema,
    body: agentMessageRequestSchema,
    answer: { status: 201, body: storedSchema },
  },
  {
    operationId: 'splitConversation',
    method: 'POST',
    path: '/conversations/{conversationId}/split',
    function: 'agent-api',
    summary: 'Let a message begin a conversation of its own',
    credential: { scope: 'conversations:write' },
    headers: idempotencyHeadersSchema,
    body: splitRequestSchema,
    answer: { status: 201, body: storedSchema },
  },
  {
    operationId: 'mergeConversation',
    method: 'POST',
    path: '/conversations/{conversationId}/merge',
    function: 'agent-api',
    summary: 'Make a conversation part of another one of the same customer',
    credential: { scope: 'conversations:write' },
    headers: idempotencyHeadersSchema,
    body: mergeRequestSchema,
    mayConflict: true,
    answer: { status: 201, body: storedSchema },
  },
  {
    operationId: 'lookupCustomer',
    method: 'GET',
    path: '/lookup',
    function: 'lookup-customer',
    summary: 'Who calls: a small, flat answer by number, email or user id; 200 with an empty match for a stranger',
    credential: { scope: 'lookup:read' },
    query: lookupQuerySchema,
    answer: { status: 200, body: lookupAnswerSchema },
  },
  {
    operationId: 'receiveCall',
    method: 'POST',
    path: '/voice/twilio/voice',
    function: 'receive-call',
    summary: "Take in a call as Twilio's voice webhook; the answer puts it through to the line's desk",
    credential: 'twilio',
    body: twilioCallSchema,
    bodyType: 'application/x-www-form-urlencoded',
    answer: { status: 200, body: twimlSchema, type: 'text/xml' },
  },
  {
    operationId: 'receiveCallStatus',
    method: 'POST',
    path: '/voice/twilio/status',
    function: 'receive-call',
    summary: "Take in how a call goes on and ends, as Twilio's status callback and as the action of a Dial",
    credential: 'twilio',
    body: twilioCallSchema,
    bodyType: 'application/x-www-form-urlencoded',
    answer: { status: 200, body: twimlSchema, type: 'text/xml' },
  },
  {
    operationId: 'receiveTextMessage',
    method: 'POST',
    path: '/voice/twilio/sms',
    function: 'receive-call',
    summary: "Take in an SMS or WhatsApp message as Twilio's messaging webhook or status callback",
    credential: 'twilio',
    body: twilioTextMessageSchema,
    bodyType: 'application/x-www-form-urlencoded',
    answer: { status: 200, body: twimlSchema, type: 'text/xml' },
  },
  {
    operationId: 'showUnsubscribe',
    method: 'GET',
    path: '/unsubscribe/{token}',
    function: 'manage-preferences',
    summary: 'A page that asks the recipient of a mail whether to stop such mails; changes nothing',
    credential: 'none',
    answer: { status: 200, body: zod.string(), type: 'text/html' },
  },
  {
    operationId: 'unsubscribe',
    method: 'POST',
    path: '/unsubscribe/{token}',
    function: 'manage-preferences',
    summary: 'Stop such mails to this recipient: by the page, or by one click in a mail program (RFC 8058)',
    credential: 'none',
    answer: { status: 200, body: zod.string(), type: 'text/html' },
  },
  {
    operationId: 'getHealth',
    method: 'GET',
    path: '/health',
    function: 'describe-api',
    summary: 'Whether the API answers',
    credential: 'none',
    answer: { status: 200, body: healthSchema },
  },
  {
    operationId: 'getOpenApi',
    method: 'GET',
    path: '/openapi.json',
    function: 'describe-api',
    summary: 'This document',
    credential: 'none',
    answer: { status: 200, body: zod.record(zod.string(), zod.unknown()) },
  },
] as const satisfies readonly Operation[];

/** The operations of one function, by operation id. */
export type OperationIdOf<F extends HttpFunction> = Extract<
  (typeof operations)[number],
  { function: F }
>['operationId'];
