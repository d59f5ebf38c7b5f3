import type { TwilioCall } from '../contracts/call.ts';

/** What one event says of its leg. `missed` is an inbound call that ended before anybody of ours had answered. */
export type CallPhase = 'started' | 'answered' | 'ended' | 'missed';

/**
 * The phase that an event tells, from the event alone, so that neither order nor repetition matters. Undefined for a
 * status that no call has yet.
 */
export function callPhaseOf(event: TwilioCall): CallPhase | undefined {
  const { CallDuration, CallStatus, DialCallStatus } = event;
  const unanswered = isCallIn(event) ? 'missed' : 'ended';
  // The report about the dialled leg comes while the caller may still be on the line; our answer to it ends the call.
  if (DialCallStatus !== undefined) return answered.has(DialCallStatus) ? 'ended' : unanswered;
  switch (CallStatus) {
    case 'queued':
    case 'initiated':
    case 'ringing':
      return 'started';
    case 'in-progress':
    case 'answered':
      return 'answered';
    case 'completed':
      return CallDuration === 0 ? unanswered : 'ended';
    case 'busy':
    case 'no-answer':
    case 'canceled':
    case 'failed':
      return unanswered;
    default:
      return undefined;
  }
}

/** Whether it is a call by somebody who called us, and not a leg that was dialled for another call. */
export function isCallIn({ Direction, ParentCallSid }: TwilioCall): boolean {
  return ParentCallSid === undefined && !isCallOut(Direction);
}

/** Whether we call somebody. */
export function isCallOut(direction: string): boolean {
  return direction.startsWith('outbound') || direction === 'trunking-terminating';
}

const answered: ReadonlySet<string> = new Set(['completed', 'answered']);
