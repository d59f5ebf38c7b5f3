/** What showed that no person wrote a mail. */
export type AutoSubmission =
  | 'auto-submitted'
  | 'delivery-report'
  | 'null-return-path'
  | 'mailing-list'
  | 'bulk'
  | 'suppressed-response'
  | 'auto-reply';

/**
 * Whether a machine sent a mail, by RFC 3834 and the older signs beside it; such a mail is never answered by a machine
 * of ours. `header` yields the first value of a header by its lower-case name.
 */
export function autoSubmissionOf(
  header: (name: string) => string | undefined,
  envelopeFrom: string,
): AutoSubmission | undefined {
  const word = (name: string) => header(name)?.replace(/;.*$/s, '').trim().toLowerCase();
  const says = (name: string, ...no: string[]) => header(name) !== undefined && !no.includes(word(name) ?? '');
  if (says('auto-submitted', 'no')) return 'auto-submitted';
  if (word('content-type') === 'multipart/report') return 'delivery-report';
  if (says('x-autoreply', 'no') || says('x-autorespond', 'no')) return 'auto-reply';
  if (header('list-id') !== undefined || header('list-unsubscribe') !== undefined) return 'mailing-list';
  const precedence = word('precedence') ?? '';
  if (precedence === 'auto_reply') return 'auto-reply';
  if (['bulk', 'list', 'junk'].includes(precedence)) return 'bulk';
  if (says('x-auto-response-suppress', 'none')) return 'suppressed-response';
  const returnPath = word('return-path');
  if (envelopeFrom === '' || returnPath === '<>') return 'null-return-path';
  return undefined;
}
