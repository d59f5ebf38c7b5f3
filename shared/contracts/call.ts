import * as z from 'zod';

/** Ids of Twilio: two letters and 32 hex digits; other systems that speak its protocol use other forms. */
const sidSchema = z.string().regex(/^[\w:.-]{1,100}$/);
/** A telephone number, a SIP address, a client's name, a WhatsApp address, or a word for a withheld number. */
const endpointSchema = z.string().max(500).default('');
/** Forms carry numbers as text. What is none says nothing, and is no reason to lose the event. */
const countSchema = z
  .union([z.int().nonnegative(), z.string().regex(/^\d{1,9}$/)])
  .transform(Number)
  .optional()
  .catch(undefined);
const detailSchema = z.string().max(2_000).optional().catch(undefined);

/** What Twilio tells about a call, at its beginning and whenever its status changes. Unknown parameters may come. */
export const twilioCallSchema = z.looseObject({
  CallSid: sidSchema,
  ParentCallSid: sidSchema.optional().describe('Of a leg that was dialled for another call'),
  AccountSid: z.string().max(100).optional(),
  From: endpointSchema,
  To: endpointSchema,
  CallStatus: z
    .string()
    .max(100)
    .describe('queued, initiated, ringing, in-progress, completed, busy, failed, no-answer or canceled'),
  Direction: z.string().max(100).default('inbound').describe('inbound, outbound-api or outbound-dial'),
  Timestamp: detailSchema.describe('RFC 2822'),
  CallDuration: countSchema.describe('Seconds'),
  SequenceNumber: countSchema,
  SipResponseCode: detailSchema,
  DialCallStatus: detailSchema.describe('How the leg ended that was dialled for this call'),
  DialCallSid: sidSchema.optional().catch(undefined),
  DialCallDuration: countSchema.describe('Seconds'),
  RecordingSid: detailSchema,
  RecordingUrl: detailSchema,
  RecordingDuration: countSchema.describe('Seconds'),
});
export type TwilioCall = z.infer<typeof twilioCallSchema>;

/** A text message by SMS or WhatsApp, or (with `MessageStatus`, without a text) what became of one that was sent. */
export const twilioTextMessageSchema = z.looseObject({
  MessageSid: sidSchema,
  AccountSid: z.string().max(100).optional(),
  From: endpointSchema,
  To: endpointSchema,
  Body: z.string().max(100_000).default(''),
  NumMedia: countSchema,
  MessageStatus: z
    .string()
    .max(100)
    .optional()
    .describe('received, queued, sending, sent, delivered, read, failed, undelivered'),
  ErrorCode: detailSchema,
});
export type TwilioTextMessage = z.infer<typeof twilioTextMessageSchema>;

/** A TwiML document. */
export const twimlSchema = z.string();
