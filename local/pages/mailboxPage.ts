import { createHash } from 'node:crypto';
import type { MailView } from '../ses/readMail.ts';

/** The mailbox as a page: the mails on the left, one of them on the right. Everything in it is escaped. */
export function mailboxPage(mails: readonly MailView[], shown: MailView | undefined): string {
  const title = shown ? `${shown.subject || '(no subject)'} · Mailbox` : 'Mailbox';
  const content = shown
    ? `<div class="columns"><nav aria-label="Mails">${mails.map((mail) => entry(mail, mail.id === shown.id)).join('')}</nav>${message(shown)}</div>`
    : '<p class="empty">No mail yet. What the platform sends lands here; nothing leaves this machine.</p>';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<header><div><a class="brand" href="/">Throughline</a><h1>Mailbox</h1><p>${count(mails.length)}, kept on this machine</p></div></header>
<main>${content}</main>
</body>
</html>
`;
}

function count(mails: number): string {
  return mails === 1 ? '1 mail' : `${mails} mails`;
}

function entry(mail: MailView, current: boolean): string {
  return `<a class="entry" href="/_local/mailbox/${encodeURIComponent(mail.id)}"${current ? ' aria-current="page"' : ''}>
<span class="to">${escapeHtml(mail.to.join(', '))}</span>${time(mail.at)}
<strong>${escapeHtml(mail.subject || '(no subject)')}</strong>
<span class="snippet">${escapeHtml(snippet(mail))}</span></a>`;
}

function snippet({ text }: MailView): string {
  return (text ?? '').replace(/\s+/g, ' ').trim().slice(0, 120);
}

function message(mail: MailView): string {
  const path = `/_local/mailbox/${encodeURIComponent(mail.id)}`;
  const from = mail.fromName ? `${mail.fromName} <${mail.from}>` : mail.from;
  return `<article>
<h2>${escapeHtml(mail.subject || '(no subject)')}</h2>
<dl>
<dt>From</dt><dd>${escapeHtml(from)}</dd>
<dt>To</dt><dd>${escapeHtml(mail.to.join(', '))}</dd>
<dt>Sent</dt><dd>${time(mail.at)}</dd>${attachments(mail)}
</dl>
${htmlPart(mail, path)}${textPart(mail)}
<details><summary>Raw message</summary><p><a href="${path}/raw">Open by itself</a></p><pre>${escapeHtml(mail.raw)}</pre></details>
</article>`;
}

function htmlPart({ html, subject }: MailView, path: string): string {
  if (html === null) return '';
  // The sandbox also stands in the answer's own headers, for whoever opens the address by itself.
  const sandbox = 'allow-popups allow-popups-to-escape-sandbox';
  return `<iframe src="${path}/html" sandbox="${sandbox}" title="${escapeHtml(subject)}"></iframe>`;
}

function textPart({ text, html }: MailView): string {
  if (text === null || text.trim() === '') return '';
  const body = `<div class="text">${linked(text)}</div>`;
  return html === null ? body : `<details><summary>Plain text</summary>${body}</details>`;
}

function attachments({ attachments: files }: MailView): string {
  if (files.length === 0) return '';
  const names = files.map(({ name, type, bytes }) => `${name} (${type}, ${bytes} bytes)`);
  return `<dt>Attached</dt><dd>${escapeHtml(names.join(', '))}</dd>`;
}

function time(at: string): string {
  const shown = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(at));
  return `<time datetime="${escapeHtml(at)}">${escapeHtml(shown)}</time>`;
}

/** Text with its web addresses as links, everything escaped. */
function linked(text: string): string {
  const parts = text.split(/(https?:\/\/[^\s<>"']+)/);
  return parts
    .map((part, index) =>
      index % 2 === 1
        ? `<a href="${escapeHtml(part)}" target="_blank" rel="noopener noreferrer">${escapeHtml(part)}</a>`
        : escapeHtml(part),
    )
    .join('');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1d2430, #e7eaf0); --quiet: light-dark(#5d6878, #9aa5b5);
  --paper: light-dark(#fbfaf7, #14171c); --card: light-dark(#fff, #1c2027); --line: light-dark(#e3e1da, #2c323c);
  --accent: light-dark(#0f6b5c, #5cc9b3); --chosen: light-dark(#e4f2ef, #17332e);
  font: 16px / 1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", sans-serif; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); }
a { color: var(--accent); text-underline-offset: 0.18em; }
header { border-bottom: 1px solid var(--line); background: var(--card); }
header > div { display: flex; align-items: baseline; gap: 1.5rem; flex-wrap: wrap; padding: 0.9rem 1.5rem; }
header h1 { font-size: 1.05rem; margin: 0; }
header p { margin: 0; color: var(--quiet); }
.brand { font-weight: 700; letter-spacing: -0.01em; color: var(--ink); text-decoration: none; }
.empty { padding: 3rem 1.5rem; color: var(--quiet); max-width: 48rem; }
.columns { display: grid; grid-template-columns: 22rem minmax(0, 1fr); min-height: calc(100vh - 3.6rem); }
nav { border-right: 1px solid var(--line); }
.entry { display: grid; grid-template-columns: minmax(0, 1fr) auto; gap: 0.1rem 0.75rem; padding: 0.75rem 1.5rem;
  border-bottom: 1px solid var(--line); color: inherit; text-decoration: none; }
.entry > * { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.entry strong, .entry .snippet { grid-column: 1 / -1; }
.entry .snippet, .entry .to, time { color: var(--quiet); font-size: 0.87rem; }
.entry:hover, .entry:focus-visible { background: var(--card); }
.entry[aria-current] { background: var(--chosen); }
article { padding: 1.5rem 2rem 4rem; max-width: 60rem; width: 100%; }
article h2 { font-size: 1.5rem; line-height: 1.25; letter-spacing: -0.02em; margin: 0 0 0.75rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: auto minmax(0, 1fr); gap: 0.15rem 1rem; margin: 0 0 1.25rem; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
iframe { display: block; width: 100%; height: 32rem; border: 1px solid var(--line); border-radius: 0.75rem; background: #fff; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1.1rem 1.25rem; border: 1px solid var(--line);
  border-radius: 0.75rem; background: var(--card); }
details { margin-top: 1.25rem; }
summary { cursor: pointer; color: var(--quiet); margin-bottom: 0.5rem; }
pre { overflow: auto; max-height: 32rem; margin: 0; padding: 1.1rem 1.25rem; font-size: 0.83rem;
  border: 1px solid var(--line); border-radius: 0.75rem; background: var(--card); }
@media (max-width: 54rem) { .columns { grid-template-columns: minmax(0, 1fr); } nav { border-right: 0; } article { padding-inline: 1.5rem; } }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** This page's own style and the frame of a mail's HTML, nothing else. */
export const pagePolicy = `default-src 'none'; style-src 'sha256-${styleHash}'; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
