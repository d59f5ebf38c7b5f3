import type { Interaction } from '../contracts/interaction.ts';

/** What a call went through. Its reports may arrive in any order; a later stage here outdoes the earlier ones. */
export const callStages = ['started', 'answered', 'ended', 'missed'] as const;
export type CallStage = (typeof callStages)[number];

/** Where a message stands in a call: which call, if it is known, and at which stage. */
export interface CallPart {
  /** `twilio:CA…`: the same for all reports of one call. */
  callId?: string;
  stage: CallStage;
}

/** The part that an interaction has in a call, if it reports one. */
export function callPartOf({
  type,
  channel,
  properties,
}: Pick<Interaction, 'type' | 'channel' | 'properties'>): CallPart | undefined {
  const stage = callStages.find((name) => type === `call.${name}`);
  if (stage === undefined || channel !== 'voice') return undefined;
  const { callId } = properties;
  return { stage, ...(typeof callId === 'string' && callId !== '' ? { callId } : {}) };
}

/** Whether a later stage of the same call has been heard, so that this one tells nothing new. */
export function isOutdone(stage: CallStage, heard: ReadonlySet<CallStage>): boolean {
  return callStages.slice(callStages.indexOf(stage) + 1).some((later) => heard.has(later));
}
