import EmailReplyParser from 'email-reply-parser';
import planer from 'planer';
import { cleanText } from './cleanText.ts';

/**
 * What a person newly wrote in a mail: without the quoted mail before it and without a telephone's advertisement. Only
 * for display; where nothing would be left, the whole text. A forwarded mail is shown whole: it is the message.
 */
export function displayText(text: string, { isForward }: { isForward: boolean }): string {
  const whole = cleanText(text).trim();
  if (isForward) return whole;
  const cut = withoutAdvertisement(withoutQuotedMail(whole.split('\n')))
    .join('\n')
    .trim();
  return withoutAdvertisement(withoutQuotesByLibraries(cut).split('\n')).join('\n').trim() || cut || whole;
}

/** Whether a subject says that the mail forwards another one. */
export function isForwardSubject(subject: string): boolean {
  return /^\s*(?:wg|fw|fwd|tr)\s*:/i.test(subject);
}

/**
 * The libraries' patterns look back and forth over neighbouring lines, with the third power of their length, and planer
 * looks at a thousand lines only. So they see long lines, which introduce no quote, by a number; and so lines such as
 * “Datum: Freitag”, at which planer would end a text.
 */
function withoutQuotesByLibraries(text: string): string {
  const lines = text.split('\n');
  if (lines.length > mostLines || text.includes(placeholder)) return text;
  const short = lines.map((line, index) => {
    if (line.length <= longestLine && !loneHeader.test(line)) return line;
    return `${line.trimStart().startsWith('>') ? '> ' : ''}${placeholder}${index}${placeholder}`;
  });
  const shown = new EmailReplyParser().parseReply(planer.extractFromPlain(short.join('\n')));
  return shown.replace(numbered, (_, index: string) => lines[Number(index)] ?? '');
}

const loneHeader = /^[\s*]*(?:from|van|de|von|fra|från|date|datum|envoyé|skickat|sendt)\s*:/i;
const mostLines = 300;
const longestLine = 120;
/** A character of the private use area. */
const placeholder = '\ue000';
const numbered = new RegExp(`(?:> )?${placeholder}(\\d+)${placeholder}`, 'g');

/** Ends where the mail before begins. What stands between quoted lines is an answer to them and stays. */
function withoutQuotedMail(lines: readonly string[]): string[] {
  for (const index of lines.keys()) {
    if (isSeparator(lines[index] ?? '') || isHeaderBlock(lines, index))
      return lines.slice(0, withoutRule(lines, index));
    const after = attributionEnd(lines, index);
    if (after !== undefined && !isAnsweredBelow(lines.slice(after))) return lines.slice(0, index);
  }
  return [...lines];
}

/** Outlook draws a line of underscores above its headers. */
function withoutRule(lines: readonly string[], index: number): number {
  let end = index;
  while (end > 0 && /^\s*_*\s*$/.test(lines[end - 1] ?? '')) end--;
  return end;
}

function isSeparator(line: string): boolean {
  return line.length < 120 && separator.test(line);
}

const separator =
  /^\s*-{2,}\s*(?:original message|reply message|urspr(?:ü|ue)ngliche (?:nachricht|mail|e-mail)|original-?nachricht|antwort nachricht|message d'origine)\s*-{2,}\s*$/i;

/** Three or more of Outlook's headers one below the other, the sender first. */
function isHeaderBlock(lines: readonly string[], index: number): boolean {
  if (!/^[\s>*]*(?:von|from|de|van|fra|från|da)\s*:/i.test((lines[index] ?? '').slice(0, 60))) return false;
  const others = lines.slice(index + 1, index + 8).filter((line) => otherHeader.test(line.slice(0, 60)));
  return others.length >= 2;
}

const otherHeader =
  /^[\s>*]*(?:gesendet|datum|an|cc|betreff|antwort an|sent|date|to|subject|reply-to|envoyé|à|objet|verzonden|aan|onderwerp|skickat|till|ämne|sendt|til|emne|inviato|data|oggetto|enviado|fecha|para|asunto|assunto|a)[\s*]*:/i;

/**
 * The line after an attribution (“Am 3. März 2026 um 09:12 schrieb Jonas Reuter <…>:”) that begins here and takes up to
 * three lines; undefined where none begins here.
 */
function attributionEnd(lines: readonly string[], index: number): number | undefined {
  if (!attributionBegin.test((lines[index] ?? '').slice(0, 40))) return undefined;
  for (let last = index; last < index + 3 && last < lines.length; last++) {
    const words = lines
      .slice(index, last + 1)
      .join(' ')
      .replace(/\s+/g, ' ')
      .trim();
    if (words.length > 400) return undefined;
    if (words.endsWith(':') && /\d/.test(words) && attributionVerb.test(words)) return last + 1;
  }
  return undefined;
}

const attributionBegin = /^[\s>*]*(?:am|on|le|-{1,3}\s?am|(?:mo|di|mi|do|fr|sa|so)\.?,)\s/i;
const attributionVerb = /\s(?:schrieb|wrote|a écrit)(?:\s|:|$)/i;

/** Whether words of the writer follow among quoted lines: then quotes and answers belong together. */
function isAnsweredBelow(lines: readonly string[]): boolean {
  const [first, ...others] = lines.filter((line) => line.trim() !== '');
  if (first === undefined || !first.trimStart().startsWith('>')) return false;
  const signature = others.findIndex((line) => /^-- ?$/.test(line));
  const body = signature < 0 ? others : others.slice(0, signature);
  return body.some((line) => !line.trimStart().startsWith('>') && !advertisement.test(line.slice(0, 120)));
}

/** “Sent from my iPhone” and its like say nothing; taken away where they end the text. */
function withoutAdvertisement(lines: readonly string[]): string[] {
  let end = lines.length;
  while (end > 0 && isIdle(lines[end - 1] ?? '')) end--;
  return lines.slice(0, end);
}

function isIdle(line: string): boolean {
  return line.trim() === '' || advertisement.test(line.slice(0, 200));
}

const advertisement =
  /^\s*(?:gesendet (?:von|mit|aus) |von (?:meinem|meiner) .{1,60} gesendet|sent (?:from|with) |get outlook for |holen sie sich outlook|outlook für (?:android|ios) (?:herunterladen|beziehen)|diese nachricht wurde von meinem )/i;
