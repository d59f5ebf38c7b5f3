import { type LinkAnswer, linkRequestSchema, type UnlinkAnswer } from '../../shared/contracts/link.ts';
import type { Customers } from '../../shared/customer/customers.ts';
import { readCustomer } from '../../shared/customer/readCustomer.ts';
import type { ConflictReason } from '../../shared/identity/identities.ts';
import { isLeaf } from '../../shared/identity/leaf.ts';
import {
  type CustomerStatement,
  type LinkCustomerPorts,
  linkCustomer,
  unlinkCustomer,
} from '../../shared/identity/linkCustomer.ts';
import { PlatformError } from '../../shared/platform/errors.ts';
import type { HttpHandlers, HttpRequest } from '../../shared/platform/http.ts';
import { apiKey } from '../../shared/source/credentials.ts';
import type { SourceRegistry } from '../../shared/source/sourceRegistry.ts';
import type { Timeline } from '../../shared/timeline/timeline.ts';
import { invalidField, noCustomer, readAgentRequest } from './agentRequest.ts';

export interface LinkHandlerPorts extends LinkCustomerPorts {
  customers: Customers;
  timeline: Timeline;
  registry: SourceRegistry;
}

/** What agents say about who is who. */
export function createLinkHandlers(
  ports: LinkHandlerPorts,
): Pick<HttpHandlers<'agent-api'>, 'linkIdentifiers' | 'unlinkIdentifiers'> {
  async function statementIn(request: HttpRequest): Promise<CustomerStatement> {
    const source = ports.registry.authenticate(apiKey(request.headers), 'customers:write');
    const body = readAgentRequest(request, linkRequestSchema);
    const customerId = request.params.customerId ?? '';
    const view = isLeaf(customerId) ? await readCustomer(ports, customerId) : undefined;
    if (view === undefined) throw noCustomer();
    return { ...body, customerId, source, receivedAtMs: request.receivedAtMs };
  }

  return {
    linkIdentifiers: async (request) => {
      const outcome = await linkCustomer(ports, await statementIn(request));
      if (outcome.kind === 'refused' || outcome.kind === 'elsewhere') throw refusal(outcome);
      if (outcome.kind === 'conflicted') throw conflict(outcome.reason);
      const body: LinkAnswer = { customerId: outcome.root, outcome: outcome.kind };
      return { status: 200, body };
    },

    unlinkIdentifiers: async (request) => {
      const outcome = await unlinkCustomer(ports, await statementIn(request));
      if (outcome.kind === 'refused' || outcome.kind === 'elsewhere') throw refusal(outcome);
      const body: UnlinkAnswer = { customerIds: [outcome.root, outcome.from], outcome: outcome.kind };
      return { status: 200, body };
    },
  };
}

function refusal(outcome: { kind: 'refused'; reason: 'junk' | 'same' } | { kind: 'elsewhere' }): PlatformError {
  if (outcome.kind === 'elsewhere') return invalidField('body', 'a', 'expected one of the customer, as a or as b');
  if (outcome.reason === 'same') return invalidField('body', 'b', 'expected another identifier than a');
  return invalidField('body', 'a', 'expected identifiers of persons: one of these is what programs send for nobody');
}

function conflict(reason: ConflictReason): PlatformError {
  const issues = [{ path: 'b', message: reason }];
  return new PlatformError('conflict', `They stay two customers: ${conflictTexts[reason]} (${reason}).`, { issues });
}

const conflictTexts: Record<ConflictReason, string> = {
  blocked: 'others among their identifiers were separated before',
  limit: 'one customer would have too many identifiers',
  'shared-phone': 'the number belongs to several people',
};
