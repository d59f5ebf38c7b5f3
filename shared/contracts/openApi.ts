import * as z from 'zod';
import { agentMessageRequestSchema, conversationListSchema, conversationSummarySchema } from './conversation.ts';
import {
  contextSchema,
  customerListSchema,
  customerSchema,
  profileSchema,
  purchaseSchema,
  timelinePageSchema,
} from './customer.ts';
import { healthSchema } from './health.ts';
import { identifierSchema } from './identifier.ts';
import { interactionSchema, interactionSummarySchema } from './interaction.ts';
import { lookupAnswerSchema } from './lookup.ts';
import type { Operation } from './operations.ts';
import { problemIssueSchema, problemSchema } from './problem.ts';
import { segmentAnswerSchema, segmentBodySchema } from './segment.ts';
import {
  endedWithSchema,
  messagePageSchema,
  messageSchema,
  storedSchema,
  widgetMessageRequestSchema,
  widgetSessionRequestSchema,
  widgetSessionSchema,
} from './widget.ts';

type Json = Record<string, unknown>;

/** The API as an OpenAPI 3.1 document, made of the same operations and schemas that answer the requests. */
export function createOpenApi(operations: readonly Operation[], { version }: { version: string }): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    if (operation.hidden) continue;
    const item = paths[operation.path] ?? {};
    paths[operation.path] = { ...item, [operation.method.toLowerCase()]: describeOperation(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Throughline',
      version,
      description:
        'Interactions of every channel come in and become one timeline per customer. Fields may be added to answers, never renamed. Errors are problem documents (RFC 9457).',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    tags: Object.entries(tags).map(([name, tag]) => ({ name, ...tag })),
    paths,
    components: { schemas: componentSchemas(), responses: problemResponses(), securitySchemes },
  };
}

/** By who calls. */
const tags = {
  events: { 'x-displayName': 'Websites and servers', description: 'What happened there, by the Segment spec' },
  widget: { 'x-displayName': 'The widget', description: 'The conversation in the website' },
  customers: {
    'x-displayName': 'Agents: customers',
    description: 'Who the customers are and what happened with them',
  },
  conversations: { 'x-displayName': 'Agents: conversations', description: 'The inbox and the answers' },
  lookup: { 'x-displayName': 'Call center', description: 'Who calls, for call-center software' },
  voice: { 'x-displayName': 'Telephone', description: 'Calls and text messages, as Twilio reports them' },
  recipients: {
    'x-displayName': 'Recipients of mails',
    description: 'Where the links in our mails lead, to people and to their mail programs',
  },
  api: { 'x-displayName': 'Anyone', description: 'The API itself' },
};

const tagByPath: Record<string, keyof typeof tags> = {
  v1: 'events',
  widget: 'widget',
  customers: 'customers',
  conversations: 'conversations',
  lookup: 'lookup',
  voice: 'voice',
  resume: 'recipients',
  unsubscribe: 'recipients',
};

function tagOf(path: string): keyof typeof tags {
  return tagByPath[path.split('/')[1] ?? ''] ?? 'api';
}

const securitySchemes = {
  basicKey: {
    type: 'http',
    scheme: 'basic',
    description: 'The key as user name, without a password. Sources that post JSON may put it into `writeKey` instead.',
  },
  bearerKey: {
    type: 'http',
    scheme: 'bearer',
    description: "The key of a source; the operation names the key's scope.",
  },
  headerKey: { type: 'apiKey', in: 'header', name: 'X-Api-Key', description: 'The key of a source.' },
  queryKey: { type: 'apiKey', in: 'query', name: 'key', description: 'The key of a source that can set no header.' },
  twilioSignature: {
    type: 'apiKey',
    in: 'header',
    name: 'X-Twilio-Signature',
    description: 'HMAC-SHA1 under the auth token of the phone line, over the public address and the parameters.',
  },
  widgetSession: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description: 'The token that opening a widget session answers.',
  },
};

function securityOf({ credential }: Operation): Json[] {
  if (credential === 'none') return [];
  if (credential === 'session') return [{ widgetSession: [] }];
  if (credential === 'twilio') return [{ twilioSignature: [] }];
  const { scope } = credential;
  const schemes = {
    'events:write': ['basicKey', 'bearerKey'],
    'widget:converse': ['basicKey', 'bearerKey', 'headerKey'],
    'lookup:read': ['basicKey', 'bearerKey', 'headerKey', 'queryKey'],
  } as Record<string, string[]>;
  return (schemes[scope] ?? ['bearerKey', 'headerKey']).map((scheme) => ({ [scheme]: [scope] }));
}

function describeOperation(operation: Operation): Json {
  const { operationId, summary, path, query, headers, body, bodyIsOptional = false, bodyType, answer } = operation;
  const parameters = [
    ...[...path.matchAll(/\{(\w+)\+?\}/g)].map(([, name = '']) => pathParameter(name)),
    ...(query ? parametersOf('query', query) : []),
    ...(headers ? parametersOf('header', headers) : []),
  ];
  return {
    operationId,
    summary,
    tags: [tagOf(path)],
    security: securityOf(operation),
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(body
      ? { requestBody: { required: !bodyIsOptional, content: contentOf(schemaOf(body, 'input'), bodyType) } }
      : {}),
    responses: {
      ...(answer
        ? {
            [answer.status]: {
              description: answer.status === 201 ? 'Stored, now or by the same request before' : 'Success',
              content: contentOf(schemaOf(answer.body, 'output'), answer.type),
            },
          }
        : {}),
      ...Object.fromEntries(problemsOf(operation).map((name) => [problems[name].status, reference('responses', name)])),
      default: reference('responses', 'Failure'),
    },
  };
}

const pathParameters: Record<string, { description: string; schema: Json }> = {
  call: {
    description: 'The call of the Segment spec, in full or by its first letter',
    schema: {
      enum: ['track', 'identify', 'page', 'screen', 'group', 'alias', 'batch', 't', 'i', 'p', 's', 'g', 'a', 'b', 'm'],
    },
  },
  writeKey: { description: 'A browser write key', schema: {} },
  token: { description: 'From the link in a mail', schema: {} },
  customerId: { description: 'Id of a customer', schema: { pattern: '^[A-Za-z0-9_-]{22}$' } },
  conversationId: { description: 'Id of a conversation: the id of its opening message', schema: {} },
};

function pathParameter(name: string): Json {
  const { description, schema } = pathParameters[name] ?? { description: name, schema: {} };
  return { name, in: 'path', required: true, description, schema: { type: 'string', ...schema } };
}

function parametersOf(location: 'query' | 'header', schema: z.ZodObject): Json[] {
  const { properties, required = [] } = z.toJSONSchema(schema, { io: 'input', override });
  return Object.entries(properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = property as Json;
    return {
      name,
      in: location,
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      schema: rest,
    };
  });
}

/** Schemas that stand under `components` by name; every other schema stands where it is used. */
const requests = z.registry<{ id: string }>();
requests.add(segmentBodySchema, { id: 'SegmentCall' });
requests.add(widgetSessionRequestSchema, { id: 'WidgetSessionRequest' });
requests.add(widgetMessageRequestSchema, { id: 'WidgetMessageRequest' });
requests.add(agentMessageRequestSchema, { id: 'AgentMessageRequest' });

const answers = z.registry<{ id: string }>();
answers.add(problemSchema, { id: 'Problem' });
answers.add(problemIssueSchema, { id: 'ProblemIssue' });
answers.add(segmentAnswerSchema, { id: 'SegmentAnswer' });
answers.add(widgetSessionSchema, { id: 'WidgetSession' });
answers.add(storedSchema, { id: 'Stored' });
answers.add(messageSchema, { id: 'Message' });
answers.add(messagePageSchema, { id: 'MessagePage' });
answers.add(endedWithSchema, { id: 'EndedWith' });
answers.add(identifierSchema, { id: 'Identifier' });
answers.add(interactionSchema, { id: 'Interaction' });
answers.add(interactionSummarySchema, { id: 'InteractionSummary' });
answers.add(customerSchema, { id: 'Customer' });
answers.add(customerListSchema, { id: 'CustomerList' });
answers.add(profileSchema, { id: 'Profile' });
answers.add(purchaseSchema, { id: 'Purchase' });
answers.add(contextSchema, { id: 'Context' });
answers.add(timelinePageSchema, { id: 'TimelinePage' });
answers.add(conversationSummarySchema, { id: 'ConversationSummary' });
answers.add(conversationListSchema, { id: 'ConversationList' });
answers.add(lookupAnswerSchema, { id: 'LookupAnswer' });
answers.add(healthSchema, { id: 'Health' });

function componentSchemas(): Json {
  const uri = (id: string) => `#/components/schemas/${id}`;
  const all = {
    ...z.toJSONSchema(requests, { io: 'input', uri, override }).schemas,
    ...z.toJSONSchema(answers, { io: 'output', uri, override }).schemas,
  };
  return Object.fromEntries(Object.entries(all).map(([id, schema]) => [id, withoutFrame(schema)]));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const id = (io === 'input' ? requests : answers).get(schema)?.id;
  return id === undefined ? withoutFrame(z.toJSONSchema(schema, { io, override })) : reference('schemas', id);
}

/** Fields may be added to answers, and bounds that only say "a safe integer" or "a date" twice help no reader. */
function override({ jsonSchema }: { jsonSchema: Json }): void {
  if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
  if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
  delete jsonSchema.propertyNames;
}

function withoutFrame(schema: object): Json {
  const { $schema: _schema, $id: _id, ...rest } = schema as Json;
  return rest;
}

const problems = {
  InvalidRequest: { status: 400, description: 'The request is not valid; `issues` lead to each fault' },
  Unauthenticated: { status: 401, description: 'No credential, or one that is unknown or expired' },
  Forbidden: { status: 403, description: 'The credential does not allow this, or not from this origin' },
  NotFound: { status: 404, description: 'There is nothing of this id' },
  Conflict: { status: 409, description: 'It contradicts how things are; the detail says what' },
  TooLarge: { status: 413, description: 'The body is larger than what is accepted' },
  Failure: { status: 500, description: 'Anything else; after 429 and 5xx nothing was lost: send it again' },
};

function problemsOf({ path, query, body, headers, credential, mayConflict }: Operation): (keyof typeof problems)[] {
  return [
    ...(query || body || headers ? ['InvalidRequest' as const] : []),
    ...(credential === 'none' || credential === 'twilio' ? [] : ['Unauthenticated' as const]),
    ...(credential === 'none' ? [] : ['Forbidden' as const]),
    ...(path.includes('{') ? ['NotFound' as const] : []),
    ...(mayConflict ? ['Conflict' as const] : []),
    ...(body ? ['TooLarge' as const] : []),
  ];
}

function problemResponses(): Json {
  const content = { 'application/problem+json': { schema: reference('schemas', 'Problem') } };
  return Object.fromEntries(
    Object.entries(problems).map(([name, { description }]) => [name, { description, content }]),
  );
}

function contentOf(schema: Json, type = 'application/json'): Json {
  return { [type]: { schema } };
}

function reference(kind: 'schemas' | 'responses', name: string): Json {
  return { $ref: `#/components/${kind}/${name}` };
}
