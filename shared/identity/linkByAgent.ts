import type { Timeline } from '../timeline/timeline.ts';
import type { Identities, LinkOutcome, LinkRequest, UnlinkOutcome } from './identities.ts';
import { conflictedFact } from './identityFacts.ts';
import type { Member } from './identityNode.ts';
import { isJunkIdentifier } from './isJunkIdentifier.ts';
import type { LeafOf } from './leaf.ts';
import type { StatedIdentifier } from './linksOf.ts';
import { memberOf } from './memberOf.ts';

/** An identifier, spelt as it is kept (numbers in E.164), or a leaf whose type is known. */
export type AgentEnd = StatedIdentifier | Member;

/** What an agent says about two identifiers. */
export interface AgentStatement {
  a: AgentEnd;
  b: AgentEnd;
  /** Name of the agent or of the key's source. */
  agent: string;
  /** Id of the request; the same again, with the same time, changes nothing. */
  evidence: string;
  statedAtMs: number;
  /** The agent's words. */
  reason?: string;
}

/** Why nothing was tried: one end is no identifier of anybody, or both are the same. */
export interface RefusedStatement {
  kind: 'refused';
  reason: 'junk' | 'same';
}

/** An agent's confirmation: proven, and it lifts the block between exactly these two. A conflict stands on the timeline. */
export async function linkIdentifiers(
  {
    identities,
    timeline,
    leafOf,
  }: {
    identities: Pick<Identities, 'link'>;
    timeline: Pick<Timeline, 'append'>;
    leafOf: LeafOf;
  },
  { agent, evidence, reason, statedAtMs, ...ends }: AgentStatement,
): Promise<LinkOutcome | RefusedStatement> {
  if ([ends.a, ends.b].some((end) => 'value' in end && isJunkIdentifier(end.type, end.value))) {
    return { kind: 'refused', reason: 'junk' };
  }
  const [a, b] = [memberOf(leafOf, ends.a), memberOf(leafOf, ends.b)];
  if (a.leaf === b.leaf) return { kind: 'refused', reason: 'same' };
  const request: LinkRequest = {
    a,
    b,
    trust: 'proven',
    reason: 'confirmed-by-agent',
    evidence,
    statedBy: agent,
    statedAtMs,
    lifts: true,
    ...(reason === undefined ? {} : { note: reason }),
  };
  const outcome = await identities.link(request);
  if (outcome.kind === 'conflicted') await timeline.append(conflictedFact(request, outcome.reason));
  return outcome;
}

/** Takes `a` out of the customer of `b`. Junk may be taken out: it should never have been linked. */
export async function unlinkIdentifiers(
  { identities, leafOf }: { identities: Pick<Identities, 'unlink'>; leafOf: LeafOf },
  { agent, evidence, reason, statedAtMs, ...ends }: AgentStatement,
): Promise<UnlinkOutcome | RefusedStatement> {
  const [leaf, from] = [memberOf(leafOf, ends.a), memberOf(leafOf, ends.b)];
  if (leaf.leaf === from.leaf) return { kind: 'refused', reason: 'same' };
  const note = reason === undefined ? {} : { reason };
  return identities.unlink({ leaf, from, evidence, statedBy: agent, statedAtMs, ...note });
}
