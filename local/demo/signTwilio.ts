import { createHmac } from 'node:crypto';

/** `X-Twilio-Signature` of a form that Twilio posts to an address: the address and every parameter, sorted by name. */
export function signTwilio(authToken: string, url: string, parameters: Readonly<Record<string, string>>): string {
  const sorted = Object.entries(parameters).sort(([one], [other]) => (one < other ? -1 : 1));
  const signed = url + sorted.map(([name, value]) => name + value).join('');
  return createHmac('sha1', authToken).update(signed).digest('base64');
}
