import { cutText } from './cutText.ts';

const subjectLength = 150;

/**
 * Marks that mail programs put before a subject when answering or forwarding, in the languages that are met most: `Re:`,
 * `AW:`, `Fwd:`, `WG:`, `RE[2]:`, `Antwort:`, `Réf :`. See RFC 5256, section 2.1, for the base subject.
 */
const replyMark =
  /^(?:re|aw|antw|antwort|sv|vs|vá|odp|ynt|r|rif|ref|réf|res|fw|fwd|wg|tr|i|enc|doorst|vb|továbbítás)(?:\s?[[(]\d{1,3}[\])])?\s?[::]\s*/iu;

/** A mail's subject on one line as people read it, without the marks of answers; undefined where it has none. */
export function mailSubject(value: unknown): string | undefined {
  let subject = typeof value === 'string' ? cutText(value, subjectLength) : '';
  for (let mark = replyMark.exec(subject); mark; mark = replyMark.exec(subject))
    subject = subject.slice(mark[0].length);
  return subject === '' ? undefined : subject;
}

/** Whether two subjects, as `mailSubject` gives them, are the same but for case and spelling of characters. */
export function isSameSubject(one: string, other: string): boolean {
  return comparable(one) === comparable(other);
}

function comparable(subject: string): string {
  return subject.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
}
