import { createHash } from 'node:crypto';

export type PageLanguage = 'de' | 'en';

/** A page for whoever followed a link in a mail: in whose name, and its content as HTML. */
export interface Page {
  company: string;
  language: PageLanguage;
  title: string;
  content: string;
  /** What the page's script is told, as JSON. */
  told?: unknown;
}

/** Pages that look alike and may do the same. */
export interface Pages {
  headers: Record<string, string>;
  render(page: Page): string;
  /** In both languages: which one a link that is damaged was made in is lost with it. */
  renderInBoth(company: string, words: Record<PageLanguage, { title: string; text: string }>): string;
}

/**
 * Pages with one frame: they load nothing, nobody frames them, and the token in their address goes nowhere. `style` is
 * added to the frame's own. A script may call this API, and nothing else; without one, forms may be posted to it.
 */
export function createPages({ script, style = '' }: { script?: string; style?: string } = {}): Pages {
  const styles = frameStyle + style;
  const policy = [
    `default-src 'none'; style-src ${sourceOf(styles)}`,
    script === undefined
      ? "form-action 'self'"
      : `script-src ${sourceOf(script)}; connect-src 'self'; form-action 'none'`,
    "base-uri 'none'; frame-ancestors 'none'",
  ];
  const render = ({ company, content, language, title, told }: Page) => `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${escapeHtml(`${title} · ${company}`)}</title>
<style>${styles}</style>
</head>
<body${told === undefined ? '' : ` data-told="${escapeHtml(JSON.stringify(told))}"`}><main><p class="company">${escapeHtml(company)}</p><h1>${escapeHtml(title)}</h1>${content}</main>${script === undefined ? '' : `<script>${script}</script>`}</body>
</html>
`;
  return {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': policy.join('; '),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
    render,
    renderInBoth: (company, { de, en }) =>
      render({
        company,
        language: 'de',
        title: de.title,
        content: `<p>${escapeHtml(de.text)}</p><section lang="en"><h2>${escapeHtml(en.title)}</h2><p>${escapeHtml(en.text)}</p></section>`,
      }),
  };
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text as it may stand in HTML, also within an attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

function sourceOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}

const frameStyle = `
:root { color-scheme: light dark; --ink: light-dark(#1d2430, #e7eaf0); --paper: light-dark(#f4f2ec, #14171c);
  --card: light-dark(#fff, #1c2027); --line: light-dark(#e3e1da, #2c323c); --accent: light-dark(#0f6b5c, #5cc9b3);
  --on-accent: light-dark(#fff, #0c1513); font: 1.05rem/1.6 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--paper); color: var(--ink); }
main { box-sizing: border-box; width: min(36rem, calc(100vw - 2rem)); margin: 2rem 0; padding: clamp(1.35rem, 6vw, 2.25rem);
  background: var(--card); border: 1px solid var(--line); border-radius: 1rem; }
h1 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.02em; margin: 0 0 0.75rem; }
h2 { font-size: 1rem; margin: 0 0 0.5rem; }
p { margin: 0 0 1.25rem; text-wrap: pretty; }
.company { font-weight: 700; color: var(--accent); margin-bottom: 0.75rem; }
form { margin: 0; }
button { font: inherit; font-weight: 600; padding: 0.75rem 1.4rem; border: 0; border-radius: 0.6rem; cursor: pointer;
  background: var(--accent); color: var(--on-accent); justify-self: start; }
button.quiet { padding: 0.6rem 1.1rem; background: transparent; color: var(--accent); box-shadow: inset 0 0 0 1px var(--accent); }
button:disabled { opacity: 0.6; cursor: default; }
:is(button, textarea):focus-visible { outline: 3px solid var(--ink); outline-offset: 2px; }
section:not([id]) { margin-top: 1.75rem; padding-top: 1.5rem; border-top: 1px solid var(--line); font-size: 0.95rem; }
section p { margin-bottom: 1rem; }
main > :last-child, section > :last-child { margin-bottom: 0; }
[hidden] { display: none; }
`;
