import { createOpenApi } from '../../shared/contracts/openApi.ts';
import { operations } from '../../shared/contracts/operations.ts';
import type { HttpHandlers } from '../../shared/platform/http.ts';
import { examples } from './examples.ts';
import type { OpenApiDocument } from './openApiDocument.ts';
import { referenceHeaders, referencePage } from './referencePage.ts';

/** What anyone may know: that the API answers, in which version, and what it offers. */
export function createDescribeApiHandlers({ version }: { version: string }): HttpHandlers<'describe-api'> {
  // Whoever only asks whether the API answers waits for neither.
  let document: ReturnType<typeof createOpenApi> | undefined;
  let page: string | undefined;
  const openApi = () => {
    document ??= createOpenApi(operations, { version });
    return document;
  };
  return {
    getHealth: async () => ({ status: 200, body: { status: 'ok', version } }),
    // Open to every page: documentation viewers read it from their own origin.
    getOpenApi: async () => ({ status: 200, headers: { 'access-control-allow-origin': '*' }, body: openApi() }),
    getDocs: async () => {
      page ??= referencePage(openApi() as unknown as OpenApiDocument, examples);
      return { status: 200, headers: referenceHeaders, text: page };
    },
  };
}
