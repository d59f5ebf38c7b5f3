import type { UnsubscribeTokens } from '../../shared/follow-up/unsubscribeToken.ts';
import { type WithdrawConsentPorts, withdrawConsent } from '../../shared/follow-up/withdrawConsent.ts';
import { PlatformError } from '../../shared/platform/errors.ts';
import type { HttpAnswer, HttpHandlers, HttpRequest } from '../../shared/platform/http.ts';
import { damagedLinkPage, objectionPage, pageHeaders, withdrawnPage } from './pages.ts';

export interface ManagePreferencesPorts extends WithdrawConsentPorts {
  tokens: Pick<UnsubscribeTokens, 'verify'>;
  /** In whose name the mails went out. */
  company: string;
}

/**
 * What a recipient decides. Only POST changes anything: a mail scanner follows links, and a mail program's one click
 * (RFC 8058) posts without cookies and without looking at the answer.
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
        const objection = await tokens.verify(token);
        await withdrawConsent(ports, objection, request.receivedAtMs);
        return withdrawnPage(company, objection);
      }),
  };
}

function page(status: number, text: string): HttpAnswer {
  return { status, headers: pageHeaders, text };
}
