import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import type { Interaction } from '../contracts/interaction.ts';
import { preferencesShown } from '../customer/preferences.ts';
import type { CustomerView } from '../customer/readCustomer.ts';
import type { Leaf } from '../identity/leaf.ts';
import { composeMail } from './composeMail.ts';
import type { Playbook } from './playbooks.ts';
import { renderFollowUp, templateLanguage } from './renderFollowUp.ts';
import type { TemplateLanguage } from './templates/template.ts';
import type { UnsubscribeTokens } from './unsubscribeToken.ts';

/** In whose name follow-ups go out. */
export interface Sender {
  /** From whom mails come. */
  address: string;
  /** The domain whose mail the platform receives: answers go to the sender's name there. */
  replyDomain: string;
  company: string;
  /** IANA zone of the company: in it times are written to customers whose own is not known. */
  timeZone: string;
  /** For customers whose language is not known or none of ours. */
  language: TemplateLanguage;
  /** Address of the API, without a slash at its end. */
  publicUrl: string;
}

/** A follow-up in words, before it is a mail. */
export interface FollowUpLetter {
  subject: string;
  /** What the company says. */
  message: string;
  language: TemplateLanguage;
  compose(envelope: { to: string; interactionId: string; atMs: number }): Promise<Buffer>;
}

/** Writes a follow-up to the customer, in the customer's language as far as it is known. */
export async function writeFollowUp(
  { sender, tokens }: { sender: Sender; tokens: Pick<UnsubscribeTokens, 'issue'> },
  {
    address,
    occasion,
    playbook,
    view,
  }: { playbook: Playbook; view: CustomerView; occasion: Interaction; address: Leaf },
): Promise<FollowUpLetter> {
  const known = preferencesShown(view.head.preferences);
  const language = templateLanguage(known.language, sender.language);
  const token = await tokens.issue({ address, purpose: playbook.purpose, language });
  const unsubscribeUrl = `${sender.publicUrl}/unsubscribe/${token}`;
  const { html, message, subject, text } = await renderFollowUp({
    template: playbook.template,
    language,
    name: known.name,
    company: sender.company,
    contact: sender.address,
    calledAtMs: Date.parse(occasion.occurredAt),
    timeZone: isTimeZone(known.timeZone) ? known.timeZone : sender.timeZone,
    phone: phoneIn(occasion.properties.to),
    unsubscribeUrl,
  });
  return {
    subject,
    message,
    language,
    compose: ({ atMs, interactionId, to }) =>
      composeMail({
        from: { name: sender.company, address: sender.address },
        replyTo: `${sender.address.slice(0, sender.address.lastIndexOf('@'))}@${sender.replyDomain}`,
        to,
        subject,
        text,
        html,
        interactionIds: [interactionId],
        isAutomatic: true,
        unsubscribeUrl,
        atMs,
      }),
  };
}

function phoneIn(value: unknown): { shown: string; dialled: string } | undefined {
  const phone = typeof value === 'string' ? parsePhoneNumberFromString(value) : undefined;
  return phone?.isPossible() ? { shown: phone.formatInternational(), dialled: phone.number } : undefined;
}

/** What a customer's device reported may be no zone that is known here. */
function isTimeZone(timeZone: string | undefined): timeZone is string {
  if (timeZone === undefined) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone });
    return true;
  } catch {
    return false;
  }
}
