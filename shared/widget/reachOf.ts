import type { Customers } from '../customer/customers.ts';
import type { RootNode } from '../identity/identityNode.ts';
import type { Leaf, LeafOf } from '../identity/leaf.ts';
import { provenLeaves } from '../identity/provenLeaves.ts';
import type { Visitor } from './sessionToken.ts';
import { sidesOf } from './sidesOf.ts';

/** Pointers that are followed; whoever links makes paths short again. */
const longestPath = 8;

/**
 * The leaves whose words a visitor may read: the browser, and of a person who was proven to be there what is proven to
 * be theirs.
 */
export async function reachOf(
  { customers, leafOf }: { customers: Pick<Customers, 'readNode'>; leafOf: LeafOf },
  visitor: Visitor,
): Promise<ReadonlySet<Leaf>> {
  const { browser, person } = sidesOf(leafOf, visitor);
  if (person === undefined) return new Set([browser]);
  let node = await customers.readNode(person);
  for (let hops = 0; node?.kind === 'member' && hops < longestPath; hops++) {
    node = await customers.readNode(node.parent);
  }
  return new Set([browser, person, ...(node?.kind === 'root' ? provenReach(node, person) : [])]);
}

/**
 * What is proven to be a person's. A browser leads to no other person: whoever follows a link in a browser, and
 * whoever signs in there afterwards, may be two people at one computer.
 */
export function provenReach(root: RootNode, person: Leaf): Leaf[] {
  const members = [...root.members, ...(root.overflow?.members ?? [])];
  const browsers = new Set(members.flatMap(({ leaf, type }) => (type === 'anonymousId' ? [leaf] : [])));
  const edges = [...root.edges, ...(root.overflow?.edges ?? [])].filter(([, , trust]) => trust === 'proven');
  const withoutBrowsers = edges.filter(([a, b]) => !browsers.has(a) && !browsers.has(b));
  const { overflow: _overflow, ...bare } = root;
  const persons = provenLeaves({ ...bare, edges: withoutBrowsers }, person);
  const theirs = edges.flatMap(([a, b]) =>
    persons.includes(a) && browsers.has(b) ? [b] : persons.includes(b) && browsers.has(a) ? [a] : [],
  );
  return [...new Set([...persons, ...theirs])];
}
