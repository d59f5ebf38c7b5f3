import { createPages, escapeHtml, type PageLanguage } from '../../shared/platform/page.ts';
import { resumeScript } from './resumeScript.ts';

/**
 * The page behind the link in a mail. Only its button uses the link up, since scanners of mails follow links; then it
 * shows the conversation and lets the visitor go on.
 */
export function resumePage(company: string, language: PageLanguage): string {
  const {
    button,
    channels,
    earlier,
    ended,
    failed,
    intro,
    label,
    send,
    title,
    us,
    used,
    usedTitle,
    withoutScript,
    you,
  } = words[language];
  return pages.render({
    company,
    language,
    title,
    told: { channels, ended, failed, us, used, usedTitle, you },
    content: `<section id="intro"><p>${escapeHtml(intro)}</p><button id="go" type="button">${button}</button></section>
<p id="fault" role="alert" hidden></p>
<section id="chat" hidden>
<button id="earlier" class="quiet" type="button" hidden>${earlier}</button>
<ol id="messages"></ol>
<form id="form"><label for="text">${label}</label><textarea id="text" rows="3" maxlength="10000" required></textarea>
<button type="submit">${send}</button></form>
</section>
<noscript><p>${escapeHtml(withoutScript)}</p></noscript>`,
  });
}

export function brokenLinkPage(company: string): string {
  return pages.renderInBoth(company, { de: words.de.broken, en: words.en.broken });
}

const words = {
  en: {
    title: 'Your conversation with us',
    intro: 'Continue the conversation here in your browser. The link in the mail works once.',
    button: 'Continue the conversation',
    label: 'Your message',
    send: 'Send',
    earlier: 'Earlier messages',
    us: 'We',
    you: 'You',
    channels: { email: 'by mail', sms: 'by text message', voice: 'by phone' },
    usedTitle: 'This link has done its work',
    used: 'For your protection it opens the conversation once, and that was done already. Please reply to the mail instead; your answer reaches us just as well.',
    failed: 'That did not work. Please try again.',
    ended: 'This visit is over. Please reply to the mail.',
    withoutScript: 'Your browser runs no scripts here. Please reply to the mail; your answer reaches us just as well.',
    broken: {
      title: 'This link does not work',
      text: 'The link has expired or is incomplete. Please reply to the mail; your answer reaches us just as well.',
    },
  },
  de: {
    title: 'Ihre Unterhaltung mit uns',
    intro: 'Setzen Sie die Unterhaltung hier im Browser fort. Der Link aus der E-Mail funktioniert einmal.',
    button: 'Unterhaltung fortsetzen',
    label: 'Ihre Nachricht',
    send: 'Senden',
    earlier: 'Frühere Nachrichten',
    us: 'Wir',
    you: 'Sie',
    channels: { email: 'per E-Mail', sms: 'per SMS', voice: 'am Telefon' },
    usedTitle: 'Dieser Link hat seinen Dienst getan',
    used: 'Zu Ihrem Schutz öffnet er die Unterhaltung nur einmal, und das ist schon geschehen. Antworten Sie bitte auf die E-Mail; Ihre Antwort erreicht uns genauso.',
    failed: 'Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.',
    ended: 'Dieser Besuch ist beendet. Antworten Sie bitte auf die E-Mail.',
    withoutScript:
      'Ihr Browser führt hier keine Skripte aus. Antworten Sie bitte auf die E-Mail; Ihre Antwort erreicht uns genauso.',
    broken: {
      title: 'Dieser Link funktioniert nicht',
      text: 'Der Link ist abgelaufen oder unvollständig. Antworten Sie bitte auf die E-Mail; Ihre Antwort erreicht uns genauso.',
    },
  },
} as const;

const pages = createPages({
  script: resumeScript,
  style: `
:root { --soft: light-dark(#eef4f2, #20302d); --mine: light-dark(#0f6b5c, #17574c); --edge: light-dark(#7f8794, #6b7586); }
ol { list-style: none; margin: 0 0 1.25rem; padding: 0; display: grid; gap: 0.6rem; }
li { max-width: 85%; padding: 0.6rem 0.9rem; border-radius: 0.9rem; }
.words { white-space: pre-wrap; overflow-wrap: anywhere; }
li.us { justify-self: start; background: var(--soft); border-bottom-left-radius: 0.2rem; }
li.you { justify-self: end; background: var(--mine); color: #fff; border-bottom-right-radius: 0.2rem; }
li small { display: block; font-size: 0.8rem; opacity: 0.8; }
form { display: grid; gap: 0.75rem; }
label { font-weight: 600; }
textarea { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--edge); border-radius: 0.6rem;
  padding: 0.6rem 0.8rem; resize: vertical; }
#earlier { margin-bottom: 1.25rem; }
#fault:has(+ #chat[hidden]) { margin-bottom: 0; }
`,
});

export const resumePageHeaders = pages.headers;
