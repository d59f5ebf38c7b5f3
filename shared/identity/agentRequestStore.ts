import { createHash } from 'node:crypto';
import { type ItemKey, isNew, type Table } from '../platform/table.ts';
import type { AgentRequests } from './agentRequests.ts';

const lifetimeSeconds = 30 * 24 * 60 * 60;

/** Keeps requests in the table, one write unit each. */
export function createAgentRequestStore(table: Table): AgentRequests {
  return {
    async firstReceivedAt({ source, messageId, receivedAtMs }) {
      const item = {
        ...requestKey(source, messageId),
        entity: 'agent-request',
        schemaVersion: 1,
        receivedAtMs,
        expiresAtSeconds: Math.floor(receivedAtMs / 1000) + lifetimeSeconds,
      };
      const outcome = await table.put(item, isNew);
      const before = outcome.stored ? undefined : outcome.existing?.receivedAtMs;
      return typeof before === 'number' ? before : receivedAtMs;
    },
  };
}

function requestKey(source: string, messageId: string): ItemKey {
  const hash = createHash('sha256').update(JSON.stringify(['identity', source, messageId]));
  return { pk: `K#${hash.digest('base64url').slice(0, 22)}`, sk: '~' };
}
