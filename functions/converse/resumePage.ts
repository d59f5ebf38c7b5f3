import { createHash } from 'node:crypto';
import { resumeScript } from './resumeScript.ts';

type Language = 'de' | 'en';

/**
 * The page behind the link in a mail. Only its button uses the link up, since scanners of mails follow links; then it
 * shows the conversation and lets the visitor go on.
 */
export function resumePage(company: string, language: Language): string {
  const text = words[language];
  return layout({
    company,
    language,
    title: text.title,
    content: `<section id="intro"><p>${escapeHtml(text.intro)}</p><button id="go" type="button">${text.button}</button></section>
<p id="fault" role="alert" hidden></p>
<section id="chat" hidden>
<button id="earlier" class="quiet" type="button" hidden>${text.earlier}</button>
<ol id="messages"></ol>
<form id="form"><label for="text">${text.label}</label><textarea id="text" rows="3" maxlength="10000" required></textarea>
<button type="submit">${text.send}</button></form>
</section>
<noscript><p>${escapeHtml(text.withoutScript)}</p></noscript>
<script>${resumeScript}</script>`,
  });
}

/** In both languages: which one a damaged or expired link was made in is lost with it. */
export function brokenLinkPage(company: string): string {
  const content = (['de', 'en'] as const)
    .map((language) => `<p lang="${language}">${escapeHtml(words[language].broken)}</p>`)
    .join('');
  return layout({ company, language: 'de', title: `${words.de.brokenTitle} · ${words.en.brokenTitle}`, content });
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
    brokenTitle: 'This link does not work',
    broken: 'The link has expired or is incomplete. Please reply to the mail; your answer reaches us just as well.',
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
    brokenTitle: 'Dieser Link funktioniert nicht',
    broken:
      'Der Link ist abgelaufen oder unvollständig. Antworten Sie bitte auf die E-Mail; Ihre Antwort erreicht uns genauso.',
  },
} as const;

function layout(page: { company: string; language: Language; title: string; content: string }): string {
  const { company, content, language, title } = page;
  const { channels, ended, failed, us, used, usedTitle, you } = words[language];
  const told = escapeHtml(JSON.stringify({ channels, ended, failed, us, used, usedTitle, you }));
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(`${title} · ${company}`)}</title>
<style>${style}</style>
</head>
<body data-words="${told}"><main><p class="company">${escapeHtml(company)}</p><h1>${escapeHtml(title)}</h1>${content}</main></body>
</html>
`;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1d2430, #e7eaf0); --paper: light-dark(#f4f2ec, #14171c);
  --card: light-dark(#fff, #1c2027); --line: light-dark(#e3e1da, #2c323c); --accent: light-dark(#0f6b5c, #5cc9b3);
  --on-accent: light-dark(#fff, #0c1513); --soft: light-dark(#eef4f2, #20302d); --mine: light-dark(#0f6b5c, #17574c);
  --edge: light-dark(#7f8794, #6b7586);
  font: 1.05rem/1.6 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink); }
main { box-sizing: border-box; width: min(36rem, calc(100vw - 2rem)); margin: 2rem 0; padding: clamp(1.35rem, 6vw, 2.25rem); background: var(--card);
  border: 1px solid var(--line); border-radius: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.02em; margin: 0 0 0.75rem; text-wrap: balance; }
p { margin: 0 0 1.25rem; text-wrap: pretty; }
main > :last-child, #fault:has(+ #chat[hidden]) { margin-bottom: 0; }
.company { font-weight: 700; color: var(--accent); margin-bottom: 0.75rem; }
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
button { font: inherit; font-weight: 600; padding: 0.75rem 1.4rem; border: 0; border-radius: 0.6rem; cursor: pointer;
  background: var(--accent); color: var(--on-accent); justify-self: start; }
button.quiet { padding: 0.5rem 1rem; margin: 0 0 1.25rem; background: transparent; color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
button:disabled { opacity: 0.6; cursor: default; }
:is(button, textarea):focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
[hidden] { display: none; }
`;

const sourceOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing is loaded, nothing but this API is called, nobody frames it, and the token in its address goes nowhere. */
export const resumePageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src ${sourceOf(style)}; script-src ${sourceOf(resumeScript)}; connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
