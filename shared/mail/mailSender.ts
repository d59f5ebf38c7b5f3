import type { Identifier, Trust } from '../contracts/identifier.ts';
import type { LeafOwner } from '../identity/leaf.ts';
import { cleanLine } from './cleanText.ts';
import type { MailMark } from './mailMark.ts';
import type { MailNotification } from './mailNotification.ts';
import type { ReadMail } from './readMail.ts';

/** Whose mail it is, and how sure that is. */
export interface MailSender {
  home: LeafOwner;
  identifiers: Identifier[];
  trust: Trust;
  /** As the sender calls himself. */
  name?: string;
  marks: MailMark[];
}

/**
 * The sender is the one address of the From header; without one, whom the envelope names; else nobody, and the mail
 * has a leaf of its own. Proven is an address for which DMARC passed (for the envelope SPF, too). Any other mail could
 * have been written by anybody: it lies apart from the address's own leaf.
 */
export function mailSenderOf(
  { from }: Pick<ReadMail, 'from'>,
  { envelopeFrom, sesMessageId, verdicts }: MailNotification,
): MailSender {
  const [first, ...others] = from;
  const headerAddress = addressIn(first?.address);
  const address = headerAddress ?? addressIn(envelopeFrom);
  if (address === undefined) {
    const home: LeafOwner = { type: 'externalId', value: `mail:${sesMessageId}` };
    return { home, identifiers: [{ ...home, trust: 'claimed' }], trust: 'claimed', marks: ['no-sender'] };
  }
  const isAligned = verdicts.dmarc === 'PASS' && (headerAddress !== undefined || verdicts.spf === 'PASS');
  const isProven = isAligned && others.length === 0;
  const trust = isProven ? 'proven' : 'claimed';
  const name = headerAddress === undefined ? '' : cleanLine(first?.name ?? '', 100);
  const marks: MailMark[] = [
    ...(headerAddress === undefined ? (['no-sender'] as const) : []),
    ...(others.length > 0 ? (['several-senders'] as const) : []),
    ...(isProven ? [] : (['unverified-sender'] as const)),
  ];
  return {
    home: { type: 'email', value: address, ...(isProven ? {} : { claimed: true }) },
    identifiers: [{ type: 'email', value: address, trust }],
    trust,
    ...(name === '' || name === address ? {} : { name }),
    marks,
  };
}

/** An address as it may be kept: one mailbox at one domain, nothing else in it. */
function addressIn(text: string | undefined): string | undefined {
  const address = text?.trim() ?? '';
  return address.length <= 320 && /^[^\s@<>(),;:"\\\p{Cc}]+@[^\s@<>(),;:"\\\p{Cc}]+$/u.test(address)
    ? address
    : undefined;
}
