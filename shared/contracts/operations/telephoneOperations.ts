import { twilioCallSchema, twilioTextMessageSchema, twimlSchema } from '../call.ts';
import { lookupAnswerSchema, lookupQuerySchema } from '../lookup.ts';
import type { Operation } from './operation.ts';

/** What telephone systems ask and report. */
export const telephoneOperations = [
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
] as const satisfies readonly Operation[];
