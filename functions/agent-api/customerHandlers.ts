import * as z from 'zod';
import { type CustomerList, type TimelinePage, timelineQuerySchema } from '../../shared/contracts/customer.ts';
import { identifierQuerySchema } from '../../shared/contracts/identifier.ts';
import { contextOf } from '../../shared/customer/contextOf.ts';
import { customerOf } from '../../shared/customer/customerOf.ts';
import type { Customers } from '../../shared/customer/customers.ts';
import { profileOf } from '../../shared/customer/profileOf.ts';
import { type CustomerView, readCustomer } from '../../shared/customer/readCustomer.ts';
import { readLeaves } from '../../shared/customer/readLeaves.ts';
import { isLeaf, type LeafOf } from '../../shared/identity/leaf.ts';
import type { ParsePhone } from '../../shared/identity/parsePhone.ts';
import { PlatformError } from '../../shared/platform/errors.ts';
import { type HttpHandlers, type HttpRequest, readQuery } from '../../shared/platform/http.ts';
import { apiKey } from '../../shared/source/credentials.ts';
import type { SourceRegistry } from '../../shared/source/sourceRegistry.ts';
import { readTimeline } from '../../shared/timeline/readTimeline.ts';
import type { Timeline } from '../../shared/timeline/timeline.ts';

export interface CustomerPorts {
  customers: Customers;
  timeline: Timeline;
  leafOf: LeafOf;
  parsePhone: ParsePhone;
  registry: SourceRegistry;
}

type CustomerOperation = 'findCustomers' | 'getCustomer' | 'getCustomerContext' | 'getCustomerTimeline';

const searchSchema = z.object({ identifier: identifierQuerySchema });

export function createCustomerHandlers(ports: CustomerPorts): Pick<HttpHandlers<'agent-api'>, CustomerOperation> {
  const authorise = ({ headers }: HttpRequest) => ports.registry.authenticate(apiKey(headers), 'customers:read');

  async function customerNamed({ params }: HttpRequest): Promise<CustomerView> {
    const customerId = params.customerId ?? '';
    const view = isLeaf(customerId) ? await readCustomer(ports, customerId) : undefined;
    if (view === undefined) throw new PlatformError('not-found', 'There is no such customer.');
    return view;
  }

  return {
    findCustomers: async (request) => {
      authorise(request);
      const { identifier } = readQuery(request, searchSchema);
      const { type, value } = identifier;
      // Whatever spelling a caller uses; what is no number as it stands.
      const spelt = type === 'phone' ? (ports.parsePhone(value) ?? value) : value;
      const view = await readCustomer(ports, ports.leafOf({ type, value: spelt }));
      return { status: 200, body: { customers: view ? [customerOf(view)] : [] } satisfies CustomerList };
    },

    getCustomer: async (request) => {
      authorise(request);
      return { status: 200, body: profileOf(await customerNamed(request)) };
    },

    getCustomerContext: async (request) => {
      authorise(request);
      return { status: 200, body: contextOf(await customerNamed(request)) };
    },

    getCustomerTimeline: async (request) => {
      authorise(request);
      const { before, kinds, limit } = readQuery(request, timelineQuerySchema);
      const leaf = request.params.customerId ?? '';
      if (!isLeaf(leaf)) throw new PlatformError('not-found', 'There is no such customer.');
      const page = await readTimeline(ports.timeline, {
        leaves: await readLeaves(ports.customers, leaf),
        limit,
        before,
        ...(kinds ? { kinds: kinds.split(',') } : {}),
      });
      if (page === undefined) {
        const issues = [{ path: 'before', message: 'expected the `next` of an earlier page' }];
        throw new PlatformError('invalid-request', 'The query is not valid.', { issues });
      }
      // An empty page tells nothing about the customer: a filter may have found nothing.
      if (page.interactions.length === 0) await customerNamed(request);
      return { status: 200, body: page satisfies TimelinePage };
    },
  };
}
