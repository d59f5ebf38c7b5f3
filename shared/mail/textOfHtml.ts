import sanitizeHtml from 'sanitize-html';

/** The text of a mail that came as HTML only, one line per block. `withoutQuotes` leaves out what mail programs mark as quoted. */
export function textOfHtml(html: string, { withoutQuotes }: { withoutQuotes: boolean }): string {
  const blocks = sanitizeHtml(html, {
    allowedTags: ['br', ...blockTags, ...spacedTags],
    allowedAttributes: {},
    nonTextTags: ['script', 'style', 'textarea', 'option', 'noscript', 'title', 'head'],
    nestingLimit: 100,
    textFilter: (text) => text.replace(/\s+/g, ' '),
    ...(withoutQuotes ? { exclusiveFilter: ({ tag, attribs }) => isQuote(tag, attribs) } : {}),
  });
  return blocks
    .replace(/<br \/>/g, '\n')
    .replace(new RegExp(`</(?:${spacedTags.join('|')})>`, 'g'), '\n\n')
    .replace(new RegExp(`</?(?:${blockTags.join('|')})>`, 'g'), '\n')
    .replace(/<[^<>]*>/g, '')
    .replace(/&(lt|gt|quot|amp);/g, (entity, name: string) => entities[name] ?? entity)
    .replace(/[ \t]*\n[ \t]*/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim();
}

const blockTags = ['div', 'li', 'tr', 'blockquote'];
const spacedTags = ['p', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'ul', 'ol', 'table'];
const entities: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&' };

/** Gmail, Apple Mail, Thunderbird, Yahoo, GMX and Outlook on the web each mark quotes in their own way. */
function isQuote(tag: string, { class: names = '', id = '', type, name }: Record<string, string>): boolean {
  if (tag === 'blockquote' && type === 'cite') return true;
  if (name === 'quote' || id === 'divRplyFwdMsg' || id === 'mail-editor-reference-message-container') return true;
  return /(?:^|\s)(?:gmail_quote|gmail_attr|moz-cite-prefix|yahoo_quoted|protonmail_quote)(?:\s|$)/.test(names);
}
