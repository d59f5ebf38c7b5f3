import { type RecordConsentPorts, recordConsent } from '../../shared/follow-up/recordConsent.ts';
import type { UnsubscribeTokens } from '../../shared/follow-up/unsubscribeToken.ts';
import { PlatformError } from '../../shared/platform/errors.ts';
import type { HttpAnswer, HttpHandlers, HttpRequest } from '../../shared/platform/http.ts';
import {
  agreement,
  agreesBy,
  damagedLinkPage,
  grantedPage,
  objectionPage,
  pageHeaders,
  withdrawnPage,
} from './pages.ts';

export interface ManagePreferencesPorts extends RecordConsentPorts {
  tokens: Pick<UnsubscribeTokens, 'verify'>;
  /** In whose name the mails went out. */
  company: string;
}

/**
 * What a recipient decides. Only POST changes anything: a mail scanner follows links, and a mail program's one click
 * (RFC 8058) posts without cookies and without looking at the answer. Whatever is posted objects, except the one form
 * that says otherwise.
 */
export function createManagePreferencesHandlers(ports: ManagePreferencesPorts): HttpHandlers<'manage-preferences'> {
  const { company, tokens } = ports;

  async function answer(request: HttpRequest, decide: (token: string) => Promise<string>): Promise<HttpAnswer> {
    try {
      return page(200, await decide(request.params.token ?? ''));
    } catch (error) {
      const isDamaged = error instanceof PlatformError && error.code === 'invalid-request';
      if (!isDamaged || !(request.headers.accept ?? '').includes('text/html')) throw error;
      return page(400, damagedLinkPage(company));
    }
  }

  return {
    showUnsubscribe: (request) => answer(request, async (token) => objectionPage(company, await tokens.verify(token))),
    unsubscribe: (request) =>
      answer(request, async (token) => {
        const link = await tokens.verify(token);
        const { address, purpose } = link;
        const decision = agreesBy(request.body)
          ? { address, purpose, state: 'granted' as const, shown: agreement(company, link) }
          : { address, purpose, state: 'withdrawn' as const };
        const { state } = await recordConsent(ports, decision, request.receivedAtMs);
        return state === 'granted' ? grantedPage(company, link) : withdrawnPage(company, link);
      }),
  };
}

function page(status: number, text: string): HttpAnswer {
  return { status, headers: pageHeaders, text };
}
