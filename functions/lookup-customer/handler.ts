import { lookupQuerySchema } from '../../shared/contracts/lookup.ts';
import { type LookupPorts, lookupCustomer } from '../../shared/lookup/lookupCustomer.ts';
import { PlatformError } from '../../shared/platform/errors.ts';
import { type HttpHandlers, type HttpRequest, readQuery } from '../../shared/platform/http.ts';
import { apiKey, basicKey } from '../../shared/source/credentials.ts';
import type { SourceRegistry } from '../../shared/source/sourceRegistry.ts';

export interface LookupCustomerPorts extends LookupPorts {
  registry: SourceRegistry;
}

/** Tells call-center software who calls, while the phone rings. */
export function createLookupCustomerHandlers(ports: LookupCustomerPorts): HttpHandlers<'lookup-customer'> {
  return {
    lookupCustomer: async (request) => {
      const { headers } = request;
      ports.registry.authenticate(basicKey(headers) ?? apiKey(headers) ?? request.query.key, 'lookup:read');
      const query = readQuery(request, lookupQuerySchema);
      if (query.number === undefined && query.email === undefined && query.userId === undefined) {
        const issues = [{ path: 'number', message: 'expected number, email or userId' }];
        throw new PlatformError('invalid-request', 'The query names nobody.', { issues });
      }
      const answer = await lookupCustomer(ports, query);
      return wantsText(request) ? { status: 200, text: answer.name ?? '' } : { status: 200, body: answer };
    },
  };
}

function wantsText({ headers, query }: HttpRequest): boolean {
  if (query.format !== undefined) return query.format === 'text';
  return /^\s*text\/plain\b/i.test(headers.accept ?? '');
}
