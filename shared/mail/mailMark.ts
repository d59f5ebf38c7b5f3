/**
 * What a person should know of a mail before trusting it:
 * - `unparseable`: it is no mail, only the original is kept;
 * - `virus`, `spam`: found by SES; of an infected mail neither text nor attachments are kept beside the original;
 * - `unscanned`: SES could not look for viruses;
 * - `unverified-sender`: DMARC did not pass, anybody could have written it;
 * - `no-sender`, `several-senders`: the From header names nobody, or more than one;
 * - `unknown-recipient`: none of our mailboxes;
 * - `broken-reply-address`: sent to an address for replies that is damaged, forged or too old;
 * - `text-cut`, `html-left-out`, `attachments-left-out`: too large or too many, whole in the original;
 * - `partly-read`: so long that only its beginning was read.
 */
export type MailMark =
  | 'unparseable'
  | 'virus'
  | 'spam'
  | 'unscanned'
  | 'unverified-sender'
  | 'no-sender'
  | 'several-senders'
  | 'unknown-recipient'
  | 'broken-reply-address'
  | 'text-cut'
  | 'html-left-out'
  | 'attachments-left-out'
  | 'partly-read';
