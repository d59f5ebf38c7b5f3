import type { TemplateLanguage } from '../../follow-up/templates/template.ts';

/** The words around answers that were not read in the chat, in Liquid. */
export interface AnswerWords {
  subject: string;
  preview: string;
  intro: string;
  button: string;
  outro: string;
  footer: string;
}

export const unreadAnswer: Record<TemplateLanguage, AnswerWords> = {
  en: {
    subject: 'Answer to your message in our chat',
    preview: '{{ first }}',
    intro:
      '{% if name %}Hello {{ name }},{% else %}Hello,{% endif %}\n\nyou wrote to us in the chat on our website. Here is our answer:',
    button: 'Continue the conversation',
    outro: 'The link leads you back into the chat. It works once, within two days. Or just reply to this mail.',
    footer: 'You receive this mail because you wrote to us and have not seen our answer yet.',
  },
  de: {
    subject: 'Antwort auf Ihre Nachricht im Chat',
    preview: '{{ first }}',
    intro:
      '{% if name %}Guten Tag {{ name }},{% else %}Guten Tag,{% endif %}\n\nSie haben uns im Chat auf unserer Website geschrieben. Hier ist unsere Antwort:',
    button: 'Unterhaltung fortsetzen',
    outro:
      'Der Link führt Sie zurück in den Chat. Er funktioniert einmal, innerhalb von zwei Tagen. Oder antworten Sie einfach auf diese E-Mail.',
    footer: 'Sie erhalten diese E-Mail, weil Sie uns geschrieben und unsere Antwort noch nicht gesehen haben.',
  },
};

/** Subject of a conversation that we begin without naming one. */
export const ownSubject: Record<TemplateLanguage, (company: string) => string> = {
  en: (company) => `A message from ${company}`,
  de: (company) => `Nachricht von ${company}`,
};

/** Answers that were not read in the chat. Every answer keeps the line breaks it was written with. */
export const unreadText = `{{ intro }}

{% for answer in answers %}{{ answer }}

{% endfor %}{{ button }}:
{{ resumeUrl }}

{{ outro }}`;

export const unreadHtml = `{% assign paragraphs = intro | split: paragraphBreak %}{% for paragraph in paragraphs %}<p style="margin:0 0 14px">{{ paragraph }}</p>
{% endfor %}{% for answer in answers %}<div style="margin:18px 0;padding:14px 18px;background:#f2f7f5;border-left:4px solid #0f6b5c;border-radius:0 8px 8px 0;overflow-wrap:anywhere;word-break:break-word">{{ answer | escape | newline_to_br | raw }}</div>
{% endfor %}<p style="margin:28px 0"><a href="{{ resumeUrl }}" style="{{ buttonStyle }}">{{ button }}</a></p>
<p style="margin:0;color:#5d6878;font-size:14px">{{ outro }}</p>`;

/** An answer to a mail is a letter: nothing but what was written. */
export const letterText = `{{ answers | join: paragraphBreak }}`;

export const letterHtml = `{% for answer in answers %}<p style="margin:0 0 16px;overflow-wrap:anywhere;word-break:break-word">{{ answer | escape | newline_to_br | raw }}</p>
{% endfor %}`;
