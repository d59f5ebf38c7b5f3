import { createOpenApi } from '../../shared/contracts/openApi.ts';
import { operations } from '../../shared/contracts/operations.ts';
import type { HttpHandlers } from '../../shared/platform/http.ts';

/** What anyone may know: that the API answers, in which version, and what it offers. */
export function createDescribeApiHandlers({ version }: { version: string }): HttpHandlers<'describe-api'> {
  // Whoever only asks whether the API answers does not wait for it.
  let document: ReturnType<typeof createOpenApi> | undefined;
  return {
    getHealth: async () => ({ status: 200, body: { status: 'ok', version } }),
    // Open to every page: documentation viewers read it from their own origin.
    getOpenApi: async () => {
      document ??= createOpenApi(operations, { version });
      return { status: 200, headers: { 'access-control-allow-origin': '*' }, body: document };
    },
  };
}
