/** Remembers requests that may come again; `agentRequestStore.ts` keeps them in the table. */
export interface AgentRequests {
  /**
   * When a request was received for the first time, in milliseconds: now, or what was remembered within 30 days. So the
   * facts that it makes have the same place every time.
   */
  firstReceivedAt(request: { source: string; messageId: string; receivedAtMs: number }): Promise<number>;
}
