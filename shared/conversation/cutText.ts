/**
 * The beginning of a text on one line, at most `length` characters (code points), an ellipsis included where it was
 * cut. The result depends on text and length only, so equal texts are cut equally wherever they are folded.
 */
export function cutText(text: string, length: number): string {
  // The bound keeps the work small for texts of megabytes; no character needs more than two code units.
  const line = text
    .slice(0, length * 8)
    .toWellFormed()
    .replace(/\s+/g, ' ')
    .trim();
  const characters = Array.from(line);
  if (characters.length <= length) return line;
  return `${characters
    .slice(0, length - 1)
    .join('')
    .trimEnd()}…`;
}
