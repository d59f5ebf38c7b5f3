import type { HttpHandlers } from '../../shared/platform/http.ts';
import { type CommandHandlerPorts, createCommandHandlers } from './commandHandlers.ts';
import { type ConversationPorts, createConversationHandlers } from './conversationHandlers.ts';
import { type CustomerPorts, createCustomerHandlers } from './customerHandlers.ts';
import { createLinkHandlers, type LinkHandlerPorts } from './linkHandlers.ts';

export type AgentApiPorts = CustomerPorts & ConversationPorts & CommandHandlerPorts & LinkHandlerPorts;

/** What agents and their software read and answer, each operation with a key of its scope. */
export function createAgentApiHandlers(ports: AgentApiPorts): HttpHandlers<'agent-api'> {
  return {
    ...createCustomerHandlers(ports),
    ...createConversationHandlers(ports),
    ...createCommandHandlers(ports),
    ...createLinkHandlers(ports),
  };
}
