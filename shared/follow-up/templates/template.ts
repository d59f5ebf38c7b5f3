/** Languages in which the platform writes. */
export type TemplateLanguage = 'de' | 'en';

/** A mail in one language, in Liquid; the footer's parts are plain text. */
export interface TemplateText {
  subject: string;
  /** What lists of mails show beside the subject. */
  preview: string;
  text: string;
  html: string;
  /** Why the recipient gets this mail. */
  footer: string;
  /** Label of the link by which it stops. */
  unsubscribe: string;
}

export type Template = Record<TemplateLanguage, TemplateText>;
