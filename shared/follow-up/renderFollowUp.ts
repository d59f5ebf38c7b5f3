import { renderMail } from './renderMail.ts';
import { renderHtml, renderText } from './renderTemplate.ts';
import { buttonStyle } from './templates/layout.ts';
import { missedCall } from './templates/missedCall.ts';
import type { Template, TemplateLanguage } from './templates/template.ts';

/** What templates may say. */
export interface FollowUpContent {
  template: 'missed-call';
  language: TemplateLanguage;
  /** The customer's, as far as known. */
  name: string | undefined;
  company: string;
  /** Address of the company that a person reads. */
  contact: string;
  calledAtMs: number;
  /** IANA zone in which times are written. */
  timeZone: string;
  /** The company's number that was called: as people read it, and as a telephone dials it. */
  phone: { shown: string; dialled: string } | undefined;
  unsubscribeUrl: string;
}

export interface RenderedFollowUp {
  subject: string;
  /** What the company says, without the footer: for the timeline. */
  message: string;
  text: string;
  html: string;
}

const templates: Record<FollowUpContent['template'], Template> = { 'missed-call': missedCall };

/** A follow-up in the customer's language. Whatever the customer is called, it stays text in the HTML too. */
export async function renderFollowUp(content: FollowUpContent): Promise<RenderedFollowUp> {
  const { company, contact, language, unsubscribeUrl } = content;
  const template = templates[content.template][language];
  const variables = {
    name: content.name ?? '',
    company,
    calledAt: momentIn(language, content.timeZone, content.calledAtMs),
    phone: content.phone?.shown ?? '',
    phoneLink: content.phone?.dialled ?? '',
    button: buttonStyle,
  };
  const subject = (await renderText(template.subject, variables)).replace(/\s+/g, ' ').trim();
  const message = await renderText(template.text, variables);
  const { footer, preview, unsubscribe } = template;
  const mail = await renderMail({
    layout: 'card',
    language,
    subject,
    company,
    contact,
    content: { text: message, html: await renderHtml(template.html, variables) },
    preview,
    footer,
    unsubscribeUrl,
    unsubscribe,
  });
  return { subject, message, ...mail };
}

/** The language of a mail to somebody who speaks this one, by language tag; the given one where it is none of ours. */
export function templateLanguage(spoken: string | undefined, otherwise: TemplateLanguage): TemplateLanguage {
  const [primary] = (spoken ?? '').toLowerCase().split(/[-_]/);
  return primary === 'de' || primary === 'en' ? primary : otherwise;
}

/** Day and time as people say them: `22. November um 10:42 Uhr`, `22 November at 10:42`. */
function momentIn(language: TemplateLanguage, timeZone: string, atMs: number): string {
  const locale = language === 'de' ? 'de-DE' : 'en-GB';
  const day = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', timeZone }).format(atMs);
  const time = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', timeZone }).format(atMs);
  return language === 'de' ? `${day} um ${time} Uhr` : `${day} at ${time}`;
}
