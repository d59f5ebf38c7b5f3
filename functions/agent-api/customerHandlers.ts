import {
  type CustomerList,
  customerSearchSchema,
  type TimelinePage,
  timelineQuerySchema,
} from '../../shared/contracts/customer.ts';
import { contextOf } from '../../shared/customer/contextOf.ts';
import { customerOf } from '../../shared/customer/customerOf.ts';
import type { Customers } from '../../shared/customer/customers.ts';
import { profileOf } from '../../shared/customer/profileOf.ts';
import { type CustomerView, readCustomer } from '../../shared/customer/readCustomer.ts';
import { readLeaves } from '../../shared/customer/readLeaves.ts';
import { isLeaf, type LeafOf } from '../../shared/identity/leaf.ts';
import type { ParsePhone } from '../../shared/identity/parsePhone.ts';
import { type HttpHandlers, type HttpRequest, readQuery } from '../../shared/platform/http.ts';
import { findCustomers } from '../../shared/search/findCustomers.ts';
import { type Found, type SearchPorts, searchCustomers } from '../../shared/search/searchCustomers.ts';
import { readSearchQuery } from '../../shared/search/searchTerms.ts';
import { apiKey } from '../../shared/source/credentials.ts';
import type { SourceRegistry } from '../../shared/source/sourceRegistry.ts';
import { readTimeline } from '../../shared/timeline/readTimeline.ts';
import type { Timeline } from '../../shared/timeline/timeline.ts';
import { invalidField, noCustomer } from './agentRequest.ts';

export interface CustomerPorts extends SearchPorts {
  customers: Customers;
  timeline: Timeline;
  leafOf: LeafOf;
  parsePhone: ParsePhone;
  registry: SourceRegistry;
}

type CustomerOperation = 'findCustomers' | 'getCustomer' | 'getCustomerContext' | 'getCustomerTimeline';

export function createCustomerHandlers(ports: CustomerPorts): Pick<HttpHandlers<'agent-api'>, CustomerOperation> {
  const authorise = ({ headers }: HttpRequest) => ports.registry.authenticate(apiKey(headers), 'customers:read');

  async function customerNamed({ params }: HttpRequest): Promise<CustomerView> {
    const customerId = params.customerId ?? '';
    const view = isLeaf(customerId) ? await readCustomer(ports, customerId) : undefined;
    if (view === undefined) throw noCustomer();
    return view;
  }

  async function find(request: HttpRequest): Promise<Found> {
    const { identifier, query } = readQuery(request, customerSearchSchema);
    if (identifier && query === undefined) return { customers: await findCustomers(ports, identifier), more: false };
    if (query === undefined) throw invalidField('query', 'identifier', 'expected identifier or query');
    if (identifier) throw invalidField('query', 'query', 'expected without identifier');
    const sought = readSearchQuery(query);
    if (sought === undefined)
      throw invalidField('query', 'query', 'expected three letters of a name or seven digits of a number');
    return searchCustomers(ports, sought);
  }

  return {
    findCustomers: async (request) => {
      authorise(request);
      const { customers, more } = await find(request);
      const body: CustomerList = { customers: customers.map(customerOf), ...(more ? { more } : {}) };
      return { status: 200, body };
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
      if (!isLeaf(leaf)) throw noCustomer();
      const page = await readTimeline(ports.timeline, {
        leaves: await readLeaves(ports.customers, leaf),
        limit,
        before,
        ...(kinds ? { kinds: kinds.split(',') } : {}),
      });
      if (page === undefined) throw invalidField('query', 'before', 'expected the `next` of an earlier page');
      // An empty page tells nothing about the customer: a filter may have found nothing.
      if (page.interactions.length === 0) await customerNamed(request);
      return { status: 200, body: page satisfies TimelinePage };
    },
  };
}
