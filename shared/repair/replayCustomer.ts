import { refoldCustomer } from '../customer/foldCustomer.ts';
import type { Leaf } from '../identity/leaf.ts';
import { type AuditPorts, auditCustomer, type Difference } from './auditCustomer.ts';

/**
 * Brings whatever of a leaf's customer is not what the timelines fold to in line with them, and tells what that was.
 * Where nothing differs, nothing is written.
 */
export async function replayCustomer(ports: AuditPorts, leaf: Leaf): Promise<Difference[]> {
  const { differences, strays } = await auditCustomer(ports, leaf);
  if (differences.length > 0) await refoldCustomer(ports, leaf);
  for (const { arrival, conversationId } of strays)
    await ports.conversations.deletePointer({ arrival }, conversationId);
  return differences;
}
