import type { TwilioCall } from '../contracts/call.ts';
import type { LeafOwner } from '../identity/leaf.ts';
import { type IncomingInteraction, isStorableTime } from '../timeline/placeInteraction.ts';
import { callParties, type PhoneLine } from './callParties.ts';
import { callPhaseOf, isCallIn, isCallOut } from './callPhase.ts';
import { describeCall } from './describeCall.ts';

/** An interaction that still needs the leaf of its owner. */
export interface OwnedInteraction extends Omit<IncomingInteraction, 'home'> {
  owner: LeafOwner;
}

/**
 * A call's event as an interaction. Each leg is told to have started, been answered, ended or been missed once,
 * whichever of several events says so first: the message id names leg and phase, not the event. The legs of one call
 * share `properties.callId`. Undefined for a status that says nothing about the call.
 */
export function callInteraction(event: TwilioCall, line: PhoneLine): OwnedInteraction | undefined {
  const phase = callPhaseOf(event);
  if (phase === undefined) return undefined;
  const { CallSid, DialCallStatus, ParentCallSid } = event;
  const callId = `twilio:${ParentCallSid ?? CallSid}`;
  const isChild = ParentCallSid !== undefined;
  const { direction, from, identifiers, owner, to, touchpoint } = callParties(
    {
      from: event.From,
      to: event.To,
      isCallIn: isChild ? undefined : !isCallOut(event.Direction),
      unknownId: `call:${callId}`,
    },
    line,
  );
  const status = DialCallStatus ?? event.CallStatus;
  const durationSeconds = phase === 'ended' ? (event.DialCallDuration ?? event.CallDuration) : undefined;
  const timeMs = parseTimestamp(event.Timestamp);
  return {
    owner,
    messageId: phase === 'missed' ? `missed:${CallSid}` : `${CallSid}:${phase}`,
    // One phase may be told by a webhook without a time and by a status callback with one.
    timeVaries: true,
    ...(timeMs === undefined ? {} : { clientTimeMs: timeMs }),
    type: `call.${phase}`,
    channel: 'voice',
    direction,
    source: line.name,
    touchpoint,
    trust: direction === 'inbound' ? 'claimed' : 'asserted',
    identifiers,
    text: describeCall({ phase, direction, isChild, status, durationSeconds }),
    properties: present({
      callId,
      callSid: CallSid,
      leg: isChild ? 'child' : undefined,
      status,
      from,
      to,
      isUnknown: isCallIn(event) && owner.type !== 'phone' ? true : undefined,
      durationSeconds,
      dialledCallSid: event.DialCallSid,
      sipResponseCode: event.SipResponseCode,
      recordingSid: event.RecordingSid,
      recordingUrl: event.RecordingUrl,
      recordingSeconds: event.RecordingDuration,
      language: line.language,
    }),
  };
}

const rfc2822 = /^(?:[A-Z][a-z]{2}, )?\d{1,2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}(?::\d{2})? (?:[+-]\d{4}|GMT|UTC)$/;

/** Milliseconds since the epoch; undefined for anything but RFC 2822 with its zone. */
function parseTimestamp(text: string | undefined): number | undefined {
  if (text === undefined || !rfc2822.test(text)) return undefined;
  const timeMs = Date.parse(text);
  return isStorableTime(timeMs) ? timeMs : undefined;
}

function present(properties: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}
