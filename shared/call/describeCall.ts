import type { CallPhase } from './callPhase.ts';

/** A call's event as people read it. */
export function describeCall(facts: {
  phase: CallPhase;
  direction: 'inbound' | 'outbound';
  isChild: boolean;
  /** Twilio's word for how the leg stands. */
  status: string;
  durationSeconds?: number | undefined;
}): string {
  const { direction, durationSeconds, isChild, phase, status } = facts;
  const call = isChild ? 'Forwarded call' : direction === 'inbound' ? 'Incoming call' : 'Outgoing call';
  switch (phase) {
    case 'started':
      return call;
    case 'answered':
      return 'Call answered';
    case 'missed':
      return 'Missed call';
    case 'ended':
      return failures[status] ? `${call} ${failures[status]}` : `Call ended${after(durationSeconds)}`;
  }
}

const failures: Record<string, string> = {
  busy: 'found the line busy',
  'no-answer': 'was not answered',
  canceled: 'was cancelled',
  failed: 'failed',
};

function after(seconds: number | undefined): string {
  if (seconds === undefined) return '';
  if (seconds < 60) return ` after ${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return ` after ${minutes} min`;
  return ` after ${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
