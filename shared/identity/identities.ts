import type { LinkTrust, Member } from './identityNode.ts';
import type { Leaf } from './leaf.ts';
import type { LinkReason } from './linksOf.ts';

/** A leaf's customer. */
export interface FoundCustomer {
  root: Leaf;
  /** All leaves of the customer, the root first, at the end those of `overflow`; itself alone where nothing is linked. */
  leaves: Leaf[];
  /**
   * Those that are folded to one customer, with their types; empty for a leaf that is linked to nothing: nothing says
   * what type it has.
   */
  members: readonly Member[];
  /** Anonymous leaves beyond the limits: on the timeline and in an export, but each folded by itself. */
  overflow: Leaf[];
  /** Where a telephone number here belongs to several people: leaves of those people, at most five for a number. */
  candidates: Leaf[];
}

export interface LinkRequest {
  a: Member;
  b: Member;
  trust: LinkTrust;
  /** Id of the interaction that says so. */
  evidence: string;
  /** The rule by which that makes a link. */
  reason: LinkReason;
  /** Name of the source that said so. */
  statedBy: string;
  /** When it was received, in milliseconds: the time at which the link stands on the timeline. */
  statedAtMs: number;
  /** An agent's link lifts the block between exactly these two leaves; any other block still refuses. */
  lifts?: true;
  /** An agent's words. */
  note?: string;
}

/**
 * Why two leaves were not brought together: there would be too many, somebody separated them, or the telephone number
 * belongs to several people (`shared-phone`).
 */
export type ConflictReason = 'limit' | 'blocked' | 'shared-phone';

export interface UnlinkRequest {
  /** The leaf that is taken out, with everything that hangs on it alone. */
  leaf: Member;
  /** The leaf with which it must never share a customer again. */
  from: Member;
  /** What asked for it; the same evidence again changes nothing. */
  evidence: string;
  /** Name of the source that said so. */
  statedBy: string;
  /** In milliseconds: the time at which it stands on both timelines. */
  statedAtMs: number;
  /** An agent's words. */
  reason?: string;
}

/**
 * `unlinked`: they are two customers now, whose roots are given, and `identity.unlinked` stands on both timelines.
 * `already`: they were; a block between them is recorded all the same, and stands on both timelines where it is new.
 */
export interface UnlinkOutcome {
  kind: 'unlinked' | 'already';
  /** Root of the leaf that was taken out. */
  root: Leaf;
  /** Root of the other one. */
  from: Leaf;
}

/**
 * `linked`: they share a tree by a link that is new or better founded than before, and an `identity.linked` on the
 * timeline of `a` says so. `already`: nothing was to be done. `conflicted`: they are not brought together, `root`
 * is that of `a`; of a number that belongs to several people both are remembered as candidates, and whoever had it
 * alone has it no more.
 */
export type LinkOutcome =
  | { kind: 'linked' | 'already'; root: Leaf }
  | { kind: 'conflicted'; root: Leaf; reason: ConflictReason };

/** Who is who, as use cases see it; `identityStore.ts` keeps it in the table. */
export interface Identities {
  /**
   * The customer to whom a leaf belongs now. Strong reads: one for a root or a leaf alone, two for a member. A path of
   * several pointers is shortened on the way.
   */
  find(leaf: Leaf): Promise<FoundCustomer>;
  /** Brings two leaves into one tree. Saying it again changes nothing. Throws where the outcome could not be ascertained. */
  link(request: LinkRequest): Promise<LinkOutcome>;
  /**
   * Takes a leaf out of its customer and keeps the two apart from now on. The same evidence again changes nothing, also
   * after they were linked again. Throws where the outcome could not be ascertained.
   */
  unlink(request: UnlinkRequest): Promise<UnlinkOutcome>;
}
