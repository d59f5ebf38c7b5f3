import { authenticateTwilio, type TwilioParameters } from '../../shared/call/authenticateTwilio.ts';
import { callInteraction, type OwnedInteraction } from '../../shared/call/callInteraction.ts';
import type { PhoneLine } from '../../shared/call/callParties.ts';
import { type ReceiveCallPorts, receiveCall } from '../../shared/call/receiveCall.ts';
import { textMessageInteraction } from '../../shared/call/textMessageInteraction.ts';
import { answerCall, emptyTwiml } from '../../shared/call/twiml.ts';
import { twilioCallSchema, twilioTextMessageSchema } from '../../shared/contracts/call.ts';
import type { Source } from '../../shared/contracts/source.ts';
import type { ParsePhone } from '../../shared/identity/parsePhone.ts';
import type { HttpAnswer, HttpHandlers, HttpRequest } from '../../shared/platform/http.ts';
import type { Log } from '../../shared/platform/log.ts';
import { parse } from '../../shared/platform/parse.ts';

export interface ReceiveCallHandlerPorts extends ReceiveCallPorts {
  sources: readonly Source[];
  parsePhone: ParsePhone;
  /** Where the outside world reaches the API, without a slash at its end. */
  publicUrl: string;
  log: Log;
}

/** The telephone channel: signed webhooks in, TwiML out. */
export function createReceiveCallHandlers(ports: ReceiveCallHandlerPorts): HttpHandlers<'receive-call'> {
  const { log, parsePhone, publicUrl, sources } = ports;

  function authenticate(request: HttpRequest): { line: PhoneLine; parameters: TwilioParameters } {
    const { body, headers, path, rawQuery } = request;
    const { parameters, source } = authenticateTwilio(sources, {
      signature: headers['x-twilio-signature'],
      url: `${publicUrl}${path}${rawQuery === '' ? '' : `?${rawQuery}`}`,
      contentType: headers['content-type'],
      body: body.toString('utf8'),
    });
    return { line: { ...source, parsePhone }, parameters };
  }

  async function store(interaction: OwnedInteraction | undefined, { receivedAtMs }: HttpRequest): Promise<void> {
    if (interaction === undefined) return;
    const { duplicate } = await receiveCall(ports, interaction, receivedAtMs);
    log.count(duplicate ? 'InteractionsDuplicated' : 'InteractionsStored');
  }

  return {
    receiveCall: async (request) => {
      const { line, parameters } = authenticate(request);
      const event = parse(twilioCallSchema, parameters, 'request');
      try {
        await store(callInteraction(event, line), request);
      } catch (error) {
        // Somebody is on the line: put through, the call is told again by its later events.
        if (line.forwardTo === undefined) throw error;
        log.error('a call is put through though its beginning could not be stored', error);
      }
      return twiml(answerCall({ forwardTo: line.forwardTo, statusUrl: `${publicUrl}/voice/twilio/status` }));
    },

    receiveCallStatus: async (request) => {
      const { line, parameters } = authenticate(request);
      await store(callInteraction(parse(twilioCallSchema, parameters, 'request'), line), request);
      return twiml(emptyTwiml);
    },

    receiveTextMessage: async (request) => {
      const { line, parameters } = authenticate(request);
      await store(textMessageInteraction(parse(twilioTextMessageSchema, parameters, 'request'), line), request);
      return twiml(emptyTwiml);
    },
  };
}

function twiml(text: string): HttpAnswer {
  return { status: 200, headers: { 'content-type': 'text/xml; charset=utf-8' }, text };
}
