import { createHash } from 'node:crypto';
import type { Objection } from '../../shared/follow-up/unsubscribeToken.ts';

type Language = Objection['language'];

/** Asks before it does anything. Its form posts to its own address. */
export function objectionPage(company: string, { language, purpose }: Objection): string {
  const { ask, asking, button } = words[language];
  return layout(language, company, {
    title: ask,
    content: `<p>${escapeHtml(asking(purposeIn(language, purpose), company))}</p>
<form method="post"><button type="submit">${button}</button></form>`,
  });
}

/** Offers to take it back: a second button, of the same address and with a field that says so. */
export function withdrawnPage(company: string, objection: Objection): string {
  const { language, purpose } = objection;
  const { again, done, doing, changedMind } = words[language];
  const content = `<p role="status">${escapeHtml(doing(purposeIn(language, purpose), company))}</p>
<section><h2>${changedMind}</h2><p>${escapeHtml(agreement(company, objection))}</p>
<form method="post"><input type="hidden" name="decision" value="granted"><button class="quiet" type="submit">${again}</button></form></section>`;
  return layout(language, company, { title: done, content });
}

export function grantedPage(company: string, { language, purpose }: Objection): string {
  const { button, changedMind, resumed, resuming } = words[language];
  const content = `<p role="status">${escapeHtml(resuming(purposeIn(language, purpose, 'some'), company))}</p>
<section><h2>${changedMind}</h2>
<form method="post"><button class="quiet" type="submit">${button}</button></form></section>`;
  return layout(language, company, { title: resumed, content });
}

/** To what the recipient agrees by the button beside it. */
export function agreement(company: string, { language, purpose }: Objection): string {
  return words[language].agreeing(purposeIn(language, purpose, 'some'), company);
}

/** Whether a body is the form by which a recipient agrees. */
export function agreesBy(body: Buffer): boolean {
  return new URLSearchParams(body.toString('utf8')).get('decision') === 'granted';
}

/** In both languages: which one a damaged link was made in is lost with it. */
export function damagedLinkPage(company: string): string {
  const content = (['de', 'en'] as const)
    .map((language) => `<p lang="${language}">${escapeHtml(words[language].damaged)}</p>`)
    .join('');
  return layout('de', company, { title: `${words.de.broken} · ${words.en.broken}`, content });
}

const words = {
  en: {
    ask: 'Stop these mails?',
    asking: (what: string, company: string) => `${company} will send you no more ${what}.`,
    button: 'Stop these mails',
    done: 'Unsubscribed',
    doing: (what: string, company: string) => `${company} will send you no more ${what}. You can close this page.`,
    changedMind: 'Changed your mind?',
    agreeing: (what: string, company: string) => `I would like to get ${what} from ${company} again.`,
    again: 'Subscribe again',
    resumed: 'Subscribed again',
    resuming: (what: string, company: string) => `${company} may send you ${what} again. You can close this page.`,
    broken: 'This link does not work',
    damaged: 'The link is incomplete. Please open it again from the mail, or reply to the mail and tell us.',
  },
  de: {
    ask: 'Diese E-Mails abbestellen?',
    asking: (what: string, company: string) => `${company} schickt Ihnen dann keine ${what} mehr.`,
    button: 'Abbestellen',
    done: 'Abbestellt',
    doing: (what: string, company: string) =>
      `${company} schickt Ihnen keine ${what} mehr. Sie können diese Seite schließen.`,
    changedMind: 'Anders überlegt?',
    agreeing: (what: string, company: string) => `Ich möchte wieder ${what} von ${company} bekommen.`,
    again: 'Wieder abonnieren',
    resumed: 'Wieder abonniert',
    resuming: (what: string, company: string) =>
      `${company} darf Ihnen wieder ${what} schicken. Sie können diese Seite schließen.`,
    broken: 'Dieser Link funktioniert nicht',
    damaged:
      'Der Link ist unvollständig. Bitte öffnen Sie ihn noch einmal aus der E-Mail, oder antworten Sie auf die E-Mail.',
  },
} as const;

const purposes: Record<string, Record<Language, string>> = {
  'service-recovery': { en: 'mails after missed calls', de: 'E-Mails nach verpassten Anrufen' },
};

function purposeIn(language: Language, purpose: string, quantity: 'none' | 'some' = 'none'): string {
  const others = language === 'en' ? 'mails of this kind' : quantity === 'none' ? 'solchen E-Mails' : 'solche E-Mails';
  return purposes[purpose]?.[language] ?? others;
}

function layout(language: Language, company: string, { content, title }: { title: string; content: string }): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(`${title} · ${company}`)}</title>
<style>${style}</style>
</head>
<body><main><p class="company">${escapeHtml(company)}</p><h1>${escapeHtml(title)}</h1>${content}</main></body>
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
  --on-accent: light-dark(#fff, #0c1513); font: 1.05rem/1.6 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink); }
main { box-sizing: border-box; width: min(32rem, calc(100vw - 2rem)); margin: 2rem 0; padding: 2.25rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.02em; margin: 0 0 0.75rem; }
p { margin: 0 0 1.25rem; text-wrap: balance; }
.company { font-weight: 700; color: var(--accent); margin-bottom: 0.75rem; }
button { font: inherit; font-weight: 600; padding: 0.75rem 1.4rem; border: 0; border-radius: 0.6rem; cursor: pointer;
  background: var(--accent); color: var(--on-accent); }
section { margin-top: 1.75rem; padding-top: 1.5rem; border-top: 1px solid var(--line); font-size: 0.95rem; }
h2 { font-size: 1rem; margin: 0 0 0.5rem; }
section p { margin-bottom: 1rem; }
section form { margin: 0; }
button.quiet { padding: 0.6rem 1.1rem; background: transparent; color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
button:focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** Nothing is loaded, nobody frames it, and the token in its address goes nowhere. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
