import type * as z from 'zod';
import { idempotencyHeadersSchema } from '../../shared/contracts/conversation.ts';
import { PlatformError } from '../../shared/platform/errors.ts';
import { type HttpRequest, readJson } from '../../shared/platform/http.ts';
import { parse } from '../../shared/platform/parse.ts';

/** The body, with the request's id that it or else the header gives. No body at all is one that says nothing. */
export function readAgentRequest<T extends { messageId?: string | undefined }>(
  request: HttpRequest,
  schema: z.ZodType<T>,
): T {
  const { 'idempotency-key': idempotencyKey } = parse(idempotencyHeadersSchema, request.headers, 'header');
  const body = request.body.length === 0 ? parse(schema, {}, 'body') : readJson(request, schema);
  return body.messageId !== undefined || idempotencyKey === undefined ? body : { ...body, messageId: idempotencyKey };
}

export function invalidField(what: 'query' | 'body', path: string, message: string): PlatformError {
  return new PlatformError('invalid-request', `The ${what} is not valid.`, { issues: [{ path, message }] });
}

export function noConversation(): PlatformError {
  return new PlatformError('not-found', 'There is no such conversation.');
}

export function noCustomer(): PlatformError {
  return new PlatformError('not-found', 'There is no such customer.');
}
