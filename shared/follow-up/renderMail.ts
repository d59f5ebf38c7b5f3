import { renderHtml, renderText } from './renderTemplate.ts';
import { cardLayout, letterLayout, textLayout } from './templates/layout.ts';
import type { TemplateLanguage } from './templates/template.ts';

const htmlLayouts = { card: cardLayout, letter: letterLayout };

/** A mail in words; what is left out is not in it. */
export interface MailWords {
  layout: keyof typeof htmlLayouts;
  language: TemplateLanguage;
  subject: string;
  company: string;
  /** Address of the company that a person reads. */
  contact: string;
  content: { text: string; html: string };
  /** What lists of mails show beside the subject. */
  preview?: string;
  /** Why the recipient gets it. */
  footer?: string;
  /** The link by which it stops, and its label. */
  unsubscribeUrl?: string;
  unsubscribe?: string;
}

/** The whole mail, as plain text and as HTML. */
export async function renderMail({ content, layout, ...words }: MailWords): Promise<{ text: string; html: string }> {
  const variables = { preview: '', footer: '', unsubscribeUrl: '', unsubscribe: '', ...words };
  return {
    text: await renderText(textLayout, { ...variables, content: content.text }),
    html: await renderHtml(htmlLayouts[layout], { ...variables, content: content.html }),
  };
}
