import { leafOf, type Stored, type StoredNode, type StoredTable } from './storedTable.ts';

/** Who is who, as the accepted facts say in the order in which they were written. */
export interface People {
  edges: Map<string, { a: string; b: string; isProven: boolean }>;
  blocks: [string, string][];
  typeOf: Map<string, string>;
}

const authority = ['userId', 'email', 'phone', 'externalId', 'anonymousId'];
const limits: Record<string, number> = { userId: 1, email: 5, phone: 3, externalId: 5, anonymousId: 20 };

interface End {
  leaf: string;
  type: string;
}

/** All leaves that edges connect with one. */
export function connected(edges: Iterable<{ a: string; b: string }>, leaf: string): Set<string> {
  const pairs = [...edges];
  const found = new Set([leaf]);
  for (let size = 0; size !== found.size; ) {
    size = found.size;
    for (const { a, b } of pairs) {
      if (found.has(a)) found.add(b);
      else if (found.has(b)) found.add(a);
    }
  }
  return found;
}

/** The leaves that are folded together with one: without those beyond the limits, each of which is folded by itself. */
export function foldedWith(
  edges: Iterable<{ a: string; b: string }>,
  leaf: string,
  { nodes }: StoredTable,
): Set<string> {
  const leaves = connected(edges, leaf);
  const beyond = new Set(
    [...leaves].flatMap((one) => nodes.get(one)?.beyond.members.map((member) => member.leaf) ?? []),
  );
  return beyond.has(leaf) ? new Set([leaf]) : new Set([...leaves].filter((one) => !beyond.has(one)));
}

/** A fact of identity and the number of the request that wrote it. */
export interface WrittenFact {
  moment: number;
  fact: Stored;
}

/** Who is who at one moment. */
interface Moment {
  moment: number;
  people: People;
}

/** INV-I, the second half. `written` are all interactions in the order in which they were written. */
export function checkIdentity({ interactions, nodes }: StoredTable, written: readonly WrittenFact[]): string[] {
  const violations: string[] = [];
  const moments = peopleOverTime(written);
  const people = moments.at(-1)?.people ?? nobody();
  for (const { people: then } of moments) {
    for (const leaf of then.typeOf.keys()) violations.push(...checkLimits(then, leaf));
  }
  const writtenAt = new Map(written.map(({ fact, moment }) => [fact.id, moment]));
  for (const { fact, moment } of written) {
    if (fact.type === 'identity.conflicted') violations.push(...checkConflict(fact, moment, moments, writtenAt));
    if (fact.type === 'identity.linked') violations.push(...checkGround(fact, interactions));
  }
  violations.push(...checkStatements(interactions));
  violations.push(...checkTrees(nodes, people));
  return violations;
}

/** Who is who in the end. */
export function peopleAtLast(written: readonly WrittenFact[]): People {
  return peopleOverTime(written).at(-1)?.people ?? nobody();
}

/** What the accepted facts say, after each request that wrote some. */
function peopleOverTime(written: readonly WrittenFact[]): Moment[] {
  const moments: Moment[] = [{ moment: -1, people: nobody() }];
  for (const [moment, together] of Map.groupBy(written, (one) => one.moment)) {
    const people = copyOf(moments.at(-1)?.people ?? nobody());
    const facts = together.map(({ fact }) => fact).filter(({ type }) => /^identity\.(un)?linked$/.test(type));
    for (const fact of facts) accept(people, fact);
    if (facts.length > 0) moments.push({ moment, people });
  }
  return moments;
}

function accept(people: People, fact: Stored): void {
  const [a, b] = endsOf(fact);
  people.typeOf.set(a.leaf, a.type).set(b.leaf, b.type);
  const pair = [a.leaf, b.leaf].sort().join();
  if (fact.type === 'identity.linked') {
    people.edges.set(pair, { a: a.leaf, b: b.leaf, isProven: fact.trust === 'proven' });
    if (fact.properties.lifts) people.blocks = people.blocks.filter((ends) => blockText(ends) !== pair);
    return;
  }
  if (fact.properties.reason === 'shared-phone') {
    people.edges.delete(pair);
    return;
  }
  // The leaf `a` loses what binds it to everybody with whom `b` would be without it.
  const others = [...people.edges.values()].filter((edge) => edge.a !== a.leaf && edge.b !== a.leaf);
  const kept = connected(others, b.leaf);
  for (const [name, edge] of people.edges) {
    if ((edge.a === a.leaf && kept.has(edge.b)) || (edge.b === a.leaf && kept.has(edge.a))) people.edges.delete(name);
  }
  if (!people.blocks.some((ends) => blockText(ends) === pair)) people.blocks.push([a.leaf, b.leaf]);
}

/** Every tree is a component of the graph of accepted links, with its edges and blocks, below its smallest leaf. */
function checkTrees(nodes: ReadonlyMap<string, StoredNode>, { blocks, edges, typeOf }: People): string[] {
  const violations: string[] = [];
  const rootOf = (leaf: string): string => {
    let at = leaf;
    for (let hops = 0; hops < 100; hops++) {
      const parent = nodes.get(at)?.parent;
      if (parent === undefined) return at;
      if (!isSmaller(parent, at, typeOf)) violations.push(`identity: ${at} lies below a greater leaf`);
      at = parent;
    }
    violations.push(`identity: pointers of ${leaf} lead nowhere`);
    return at;
  };
  for (const leaf of new Set([...typeOf.keys(), ...nodes.keys()])) {
    const members = connected(edges.values(), leaf);
    const root = rootOf(leaf);
    const node = nodes.get(root);
    const told = node ? [...node.members, ...node.beyond.members].map((member) => member.leaf) : [leaf];
    if (!isSameSet(told, members))
      violations.push(`identity: ${leaf} is with ${told.length} leaves, by the facts with ${members.size}`);
    if (node === undefined) continue;
    violations.push(...checkDivision(node));
    const own = [...edges.values()].filter(({ a }) => members.has(a));
    if (!isSameSet([...node.edges, ...node.beyond.edges].map(edgeText), own.map(edgeText)))
      violations.push(`identity: the root ${root} has other edges than the facts`);
    const barring = blocks.filter(([one, other]) => members.has(one) || members.has(other));
    if (!isSameSet(node.blocks.map(blockText), barring.map(blockText))) {
      violations.push(`identity: the root ${root} has other blocks than the facts`);
    }
    if (blocks.some(([one, other]) => members.has(one) && members.has(other))) {
      violations.push(`identity: a blocked pair shares the tree of ${root}`);
    }
  }
  return violations;
}

/** Browsers may lie beyond the limits. */
function checkLimits({ edges, typeOf }: People, leaf: string): string[] {
  const members = [...connected(edges.values(), leaf)];
  const others = members.filter((one) => typeOf.get(one) !== 'anonymousId');
  const isTooMuch = isOverLimit(others, typeOf) || members.length > 32 + 60;
  return isTooMuch ? [`identity: too many leaves at ${leaf}`] : [];
}

/** Beyond the limits lie browsers only, no more than must, and the others hang together without them. */
function checkDivision({ beyond, edges, leaf, members }: StoredNode): string[] {
  const typeOf = new Map([...members, ...beyond.members].map((member) => [member.leaf, member.type]));
  const inner = members.map((member) => member.leaf);
  const isDivided =
    !isOverLimit(inner, typeOf) &&
    isSameSet(connected(edges, leaf), inner) &&
    beyond.members.every(({ leaf: one, type }) => type === 'anonymousId' && isOverLimit([...inner, one], typeOf));
  return isDivided ? [] : [`identity: ${leaf} is divided into ${inner.length} and ${beyond.members.length}`];
}

/** A conflict must have been one at some moment between its evidence and its record. */
function checkConflict(
  fact: Stored,
  recorded: number,
  moments: readonly Moment[],
  writtenAt: ReadonlyMap<string, number>,
): string[] {
  const [a, b] = endsOf(fact);
  const evidence = writtenAt.get(String(fact.properties.evidence)) ?? -1;
  const possible = moments.filter((one, index) => {
    const next = moments[index + 1]?.moment ?? Number.POSITIVE_INFINITY;
    return one.moment < recorded && next > evidence;
  });
  const isFounded = possible.some(({ people }) => {
    const typeOf = new Map(people.typeOf).set(a.leaf, a.type).set(b.leaf, b.type);
    const left = connected(people.edges.values(), a.leaf);
    if (left.has(b.leaf)) return fact.properties.conflict === 'shared-phone';
    const union = [...left, ...connected(people.edges.values(), b.leaf)];
    if (fact.properties.conflict === 'limit') return isOverLimit(union, typeOf);
    if (fact.properties.conflict === 'shared-phone') return union.some((leaf) => typeOf.get(leaf) === 'phone');
    return people.blocks.some(([one, other]) => union.includes(one) && union.includes(other));
  });
  return isFounded ? [] : [`identity: ${fact.id} tells of a conflict that never was`];
}

/** A link needs an interaction that states it, or somebody of ours who says so. */
function checkGround(fact: Stored, interactions: readonly Stored[]): string[] {
  const { evidence, reason, statedBy } = fact.properties;
  if (reason === 'confirmed-by-agent' || statedBy === 'platform') return [];
  const ground = interactions.find(({ id }) => id === evidence);
  const [a, b] = endsOf(fact);
  return ground && statementsOf(ground).some((one) => one.a.type === a.type && one.b.type === b.type)
    ? []
    : [`identity: ${fact.id} has no ground`];
}

/** Whatever was stated became a link, once, or is recorded as a conflict. */
function checkStatements(interactions: readonly Stored[]): string[] {
  const links = interactions.filter(({ type }) => type === 'identity.linked');
  const conflicts = interactions.filter(({ type }) => type === 'identity.conflicted');
  return interactions.flatMap((stored) =>
    statementsOf(stored).flatMap(({ a, b, isProven }) => {
      const [first, second] = [a.leaf, b.leaf];
      const isLink = links.some((link) => {
        const ends = endsOf(link).map(({ leaf }) => leaf);
        return ends.includes(first) && ends.includes(second) && (link.trust === 'proven' || !isProven);
      });
      const isRecorded = conflicts.some((conflict) => {
        const [one, other] = endsOf(conflict);
        const isBrowserBeyond = conflict.properties.conflict === 'limit' && b.type === 'anonymousId';
        return one.leaf === first && (isBrowserBeyond ? other.type === b.type : other.leaf === second);
      });
      return isLink || isRecorded ? [] : [`identity: nothing came of a statement of ${stored.id}`];
    }),
  );
}

interface Statement {
  a: End;
  b: End;
  isProven: boolean;
}

/** What an interaction states: servers assert, a signed browser proves its user, a link its mailbox, a reply asserts. */
function statementsOf({ channel, direction, identifiers, leaf, properties, trust, type }: Stored): Statement[] {
  if (type === 'conversation.resumed') {
    const mailbox = { leaf: String(properties.address), type: 'email' };
    return [{ a: mailbox, b: { leaf, type: 'anonymousId' }, isProven: true }];
  }
  const side = (properties.reply ?? {}) as Partial<End>;
  if (channel === 'email' && direction === 'inbound' && trust === 'proven' && side.leaf && side.leaf !== leaf) {
    return [{ a: { leaf, type: 'email' }, b: { leaf: side.leaf, type: side.type ?? '' }, isProven: false }];
  }
  if (channel !== 'web' || direction !== 'inbound' || trust === 'claimed' || type.startsWith('identity.')) return [];
  const isProven = trust === 'proven';
  const named = identifiers
    .filter((one) => one.trust === trust || (isProven && one.type === 'anonymousId'))
    .sort((one, other) => authority.indexOf(one.type) - authority.indexOf(other.type));
  const [first, ...others] = named.map((one): End => ({ leaf: leafOf(one.type, one.value), type: one.type }));
  return first ? others.map((b) => ({ a: first, b, isProven })) : [];
}

function endsOf({ properties }: Stored): [End, End] {
  return [properties.a as End, properties.b as End];
}

function isOverLimit(members: readonly string[], typeOf: ReadonlyMap<string, string>): boolean {
  if (members.length > 32) return true;
  return authority.some((type) => members.filter((leaf) => typeOf.get(leaf) === type).length > (limits[type] ?? 0));
}

function isSmaller(one: string, other: string, typeOf: ReadonlyMap<string, string>): boolean {
  const rank = (leaf: string) => `${authority.indexOf(typeOf.get(leaf) ?? '')}${leaf}`;
  return rank(one) < rank(other);
}

function pairOf({ a, b }: { a: string; b: string }): string {
  return [a, b].sort().join();
}

function edgeText(edge: { a: string; b: string; isProven: boolean }): string {
  return `${pairOf(edge)} ${edge.isProven}`;
}

function blockText(ends: readonly [string, string]): string {
  return [...ends].sort().join();
}

function isSameSet(one: Iterable<string>, other: Iterable<string>): boolean {
  const text = (list: Iterable<string>) => [...list].sort().join('\n');
  return text(one) === text(other);
}

function nobody(): People {
  return { edges: new Map(), blocks: [], typeOf: new Map() };
}

function copyOf({ blocks, edges, typeOf }: People): People {
  return { blocks: [...blocks], edges: new Map(edges), typeOf: new Map(typeOf) };
}
