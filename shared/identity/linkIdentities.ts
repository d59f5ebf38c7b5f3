import type { Interaction } from '../contracts/interaction.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { ConflictReason, Identities, LinkRequest } from './identities.ts';
import { conflictedFact } from './identityFacts.ts';
import type { LeafOf } from './leaf.ts';
import { linksOf, type StatedLink } from './linksOf.ts';
import { memberOf } from './memberOf.ts';

export interface LinkPorts {
  identities: Pick<Identities, 'link'>;
  timeline: Pick<Timeline, 'append'>;
  leafOf: LeafOf;
}

/** Makes the links that interactions state; see `createLinkIdentities`. */
export type LinkIdentities = (interactions: readonly Interaction[]) => Promise<void>;

/** Conflicts that one process remembers having recorded. */
const rememberedConflicts = 1000;

/**
 * Makes the links that new interactions state, each statement once per call. Giving the same interactions again makes
 * nothing twice. Throws where an outcome could not be ascertained; then they are to be given again.
 */
export function createLinkIdentities({ identities, timeline, leafOf }: LinkPorts): LinkIdentities {
  const recorded = new Set<string>();

  /** A source that states a conflict with every event would otherwise pay for the same refused write each time. */
  async function record(request: LinkRequest, reason: ConflictReason): Promise<void> {
    const fact = conflictedFact(request, reason);
    const name = `${fact.key.leaf}#${fact.key.messageHash}`;
    if (recorded.has(name)) return;
    await timeline.append(fact);
    if (recorded.size === rememberedConflicts) recorded.clear();
    recorded.add(name);
  }

  return async (interactions) => {
    // One after the other: they mostly concern the same customer and would only get into each other's way.
    for (const request of requestsIn(interactions, leafOf)) {
      const outcome = await identities.link(request);
      if (outcome.kind === 'conflicted') await record(request, outcome.reason);
    }
  };
}

function requestsIn(interactions: readonly Interaction[], leafOf: LeafOf): LinkRequest[] {
  const requests = new Map<string, LinkRequest>();
  for (const interaction of interactions) {
    for (const link of linksOf(interaction)) {
      const request = requestOf(leafOf, interaction, link);
      const statement = [request.a.leaf, request.b.leaf, request.trust].join('|');
      if (!requests.has(statement)) requests.set(statement, request);
    }
  }
  return [...requests.values()];
}

function requestOf(leafOf: LeafOf, { id, receivedAt, source }: Interaction, link: StatedLink): LinkRequest {
  return {
    a: memberOf(leafOf, link.a),
    b: memberOf(leafOf, link.b),
    trust: link.trust,
    reason: link.reason,
    evidence: id,
    statedBy: source,
    statedAtMs: Date.parse(receivedAt),
  };
}
