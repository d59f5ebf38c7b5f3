import { validateRequest, validateRequestWithBody } from 'twilio/lib/webhooks/webhooks.js';
import type { Source } from '../contracts/source.ts';
import { PlatformError } from '../platform/errors.ts';

/** A signed request as it came. */
export interface SignedRequest {
  /** `X-Twilio-Signature`. */
  signature: string | undefined;
  /** The address that Twilio was told, with its query: what it signed, whatever host the request names. */
  url: string;
  contentType: string | undefined;
  body: string;
}

/** Parameters of a form or members of a JSON object. */
export type TwilioParameters = Record<string, unknown>;

/**
 * The phone line that a request belongs to, with what the parameters state: empty ones are left out, and of a repeated
 * one the first counts. Throws `forbidden` where no line's token gives this
 * signature, or where the line belongs to another account; which of the two is nobody's business.
 */
export function authenticateTwilio(
  sources: readonly Source[],
  request: SignedRequest,
): { source: Source; parameters: TwilioParameters } {
  const parameters = readParameters(request);
  const source = sources.find(
    ({ accountSid, authToken, kind }) =>
      kind === 'twilio' &&
      authToken !== undefined &&
      isSigned(authToken, request, parameters) &&
      (accountSid === undefined || accountSid === parameters?.AccountSid),
  );
  if (source === undefined || parameters === undefined) {
    throw new PlatformError('forbidden', 'The request is not signed by a phone line that is known here.');
  }
  return { source, parameters: statedOf(parameters) };
}

function statedOf(parameters: TwilioParameters): TwilioParameters {
  const first = Object.entries(parameters).map(([name, value]): [string, unknown] => [name, [value].flat()[0]]);
  return Object.fromEntries(first.filter(([, value]) => value !== undefined && value !== null && value !== ''));
}

function isSigned(authToken: string, request: SignedRequest, parameters: TwilioParameters | undefined): boolean {
  const { body, signature = '', url } = request;
  if (signature === '' || parameters === undefined) return false;
  // Of JSON the address carries the hash and the signature covers the address; of a form it covers each parameter.
  return isJson(request)
    ? validateRequestWithBody(authToken, signature, url, body)
    : validateRequest(authToken, signature, url, parameters);
}

/** Undefined for a body that is neither a form nor a JSON object. */
function readParameters(request: SignedRequest): TwilioParameters | undefined {
  return isJson(request) ? readObject(request.body) : readForm(request.body);
}

function isJson({ contentType = '' }: SignedRequest): boolean {
  return /^application\/(?:[\w.+-]+\+)?json\b/i.test(contentType.trim());
}

function readForm(body: string): TwilioParameters {
  const parameters = new Map<string, string | string[]>();
  for (const [name, value] of new URLSearchParams(body)) {
    const known = parameters.get(name);
    parameters.set(name, known === undefined ? value : [known, value].flat());
  }
  return Object.fromEntries(parameters);
}

function readObject(body: string): TwilioParameters | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
