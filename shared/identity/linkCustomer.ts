import type { Source } from '../contracts/source.ts';
import type { NewId } from '../platform/ids.ts';
import type { Timeline } from '../timeline/timeline.ts';
import type { AgentRequests } from './agentRequests.ts';
import type { Identities, LinkOutcome, UnlinkOutcome } from './identities.ts';
import type { Leaf, LeafOf, LeafOwner } from './leaf.ts';
import {
  type AgentEnd,
  type AgentStatement,
  linkIdentifiers,
  type RefusedStatement,
  unlinkIdentifiers,
} from './linkByAgent.ts';
import { memberOf } from './memberOf.ts';
import type { ParsePhone } from './parsePhone.ts';

export interface LinkCustomerPorts {
  identities: Identities;
  requests: AgentRequests;
  timeline: Pick<Timeline, 'append'>;
  leafOf: LeafOf;
  parsePhone: ParsePhone;
  newId: NewId;
}

/** What an agent says of two identifiers, one of which at least is a customer's. */
export interface CustomerStatement {
  /** Any leaf of the customer. */
  customerId: Leaf;
  a: LeafOwner;
  b: LeafOwner;
  source: Source;
  agent?: string | undefined;
  reason?: string | undefined;
  /** The caller's id of the request: the same again changes nothing, also after what it did was undone. */
  messageId?: string | undefined;
  receivedAtMs: number;
}

/** Neither identifier is one of the customer's. */
type Elsewhere = { kind: 'elsewhere' };

/** Both are one person's, says an agent. */
export async function linkCustomer(
  ports: LinkCustomerPorts,
  statement: CustomerStatement,
): Promise<LinkOutcome | RefusedStatement | Elsewhere> {
  const said = await agentStatement(ports, statement);
  return said ? linkIdentifiers(ports, said) : { kind: 'elsewhere' };
}

/** `a` is not who `b` is, says an agent. */
export async function unlinkCustomer(
  ports: LinkCustomerPorts,
  statement: CustomerStatement,
): Promise<UnlinkOutcome | RefusedStatement | Elsewhere> {
  const said = await agentStatement(ports, statement);
  return said ? unlinkIdentifiers(ports, said) : { kind: 'elsewhere' };
}

async function agentStatement(
  ports: LinkCustomerPorts,
  { agent, customerId, messageId, reason, receivedAtMs, source, ...owners }: CustomerStatement,
): Promise<AgentStatement | undefined> {
  const [a, b] = [endOf(ports, owners.a), endOf(ports, owners.b)];
  const { leaves } = await ports.identities.find(customerId);
  if (![a, b].some((end) => leaves.includes(memberOf(ports.leafOf, end).leaf))) return undefined;
  const request = messageId && { source: source.name, messageId, receivedAtMs };
  return {
    a,
    b,
    agent: agent ?? source.name,
    evidence: `${source.name}|${messageId ?? ports.newId()}`,
    statedAtMs: request ? await ports.requests.firstReceivedAt(request) : receivedAtMs,
    ...(reason === undefined ? {} : { reason }),
  };
}

/** A leaf of claims stands for whoever made them, not for the account that they name, so it counts as anonymous. */
function endOf({ leafOf, parsePhone }: LinkCustomerPorts, { claimed, type, value }: LeafOwner): AgentEnd {
  const spelt = type === 'phone' ? (parsePhone(value) ?? value) : value;
  if (claimed) return { leaf: leafOf({ type, value: spelt, claimed }), type: 'anonymousId' };
  return { type, value: spelt };
}
