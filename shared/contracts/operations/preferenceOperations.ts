import * as zod from 'zod';
import type { Operation } from './operation.ts';

/** Where a customer decides about mails. */
export const preferenceOperations = [
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
] as const satisfies readonly Operation[];
