import type { Objection } from '../../shared/follow-up/unsubscribeToken.ts';
import { createPages, escapeHtml, type PageLanguage } from '../../shared/platform/page.ts';

const pages = createPages();

export const pageHeaders = pages.headers;

/** Asks before it does anything. Its form posts to its own address. */
export function objectionPage(company: string, { language, purpose }: Objection): string {
  const { ask, asking, button } = words[language];
  return pages.render({
    company,
    language,
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
  return pages.render({ company, language, title: done, content });
}

export function grantedPage(company: string, { language, purpose }: Objection): string {
  const { button, changedMind, resumed, resuming } = words[language];
  const content = `<p role="status">${escapeHtml(resuming(purposeIn(language, purpose, 'some'), company))}</p>
<section><h2>${changedMind}</h2>
<form method="post"><button class="quiet" type="submit">${button}</button></form></section>`;
  return pages.render({ company, language, title: resumed, content });
}

/** To what the recipient agrees by the button beside it. */
export function agreement(company: string, { language, purpose }: Objection): string {
  return words[language].agreeing(purposeIn(language, purpose, 'some'), company);
}

/** Whether a body is the form by which a recipient agrees. */
export function agreesBy(body: Buffer): boolean {
  return new URLSearchParams(body.toString('utf8')).get('decision') === 'granted';
}

export function damagedLinkPage(company: string): string {
  return pages.renderInBoth(company, { de: words.de.damaged, en: words.en.damaged });
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
    damaged: {
      title: 'This link does not work',
      text: 'The link is incomplete. Please open it again from the mail, or reply to the mail and tell us.',
    },
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
    damaged: {
      title: 'Dieser Link funktioniert nicht',
      text: 'Der Link ist unvollständig. Bitte öffnen Sie ihn noch einmal aus der E-Mail, oder antworten Sie auf die E-Mail.',
    },
  },
} as const;

const purposes: Record<string, Record<PageLanguage, string>> = {
  'service-recovery': { en: 'mails after missed calls', de: 'E-Mails nach verpassten Anrufen' },
};

function purposeIn(language: PageLanguage, purpose: string, quantity: 'none' | 'some' = 'none'): string {
  const others = language === 'en' ? 'mails of this kind' : quantity === 'none' ? 'solchen E-Mails' : 'solche E-Mails';
  return purposes[purpose]?.[language] ?? others;
}
