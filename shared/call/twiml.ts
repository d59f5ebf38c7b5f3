/** An answer that asks for nothing. To a call that is under way it means its end. */
export const emptyTwiml = document('');

/** How long a call rings where nobody of ours can take it, in seconds. */
const ringSeconds = 60;
/** How long it rings at the desk, in seconds. */
const dialSeconds = 30;

/**
 * The answer to a new call. With a desk it rings there, and the line is picked up only when somebody answers: so a call
 * that nobody takes costs nothing and ends as unanswered. Who answered and how it ended is reported to `statusUrl`.
 * Without a desk the call rings for a while, during which other software may take it over; an empty document would
 * end it at once.
 */
export function answerCall({ forwardTo, statusUrl }: { forwardTo: string | undefined; statusUrl: string }): string {
  if (forwardTo === undefined) return document(`<Pause length="${ringSeconds}"/>`);
  const url = escapeXml(statusUrl);
  return document(
    `<Dial answerOnBridge="true" timeout="${dialSeconds}" action="${url}" method="POST">` +
      `<Number statusCallback="${url}" statusCallbackEvent="answered" statusCallbackMethod="POST">` +
      `${escapeXml(forwardTo)}</Number></Dial>`,
  );
}

function document(verbs: string): string {
  const body = verbs === '' ? '<Response/>' : `<Response>${verbs}</Response>`;
  return `<?xml version="1.0" encoding="UTF-8"?>${body}`;
}

function escapeXml(text: string): string {
  return text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
