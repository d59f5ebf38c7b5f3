import { createHash } from 'node:crypto';

/**
 * What is below the headers, as a hash: a mail server's retry brings other headers above, and the same body. In
 * base64url.
 */
export function bodyHashOf(raw: Uint8Array): string {
  return createHash('sha256')
    .update(raw.subarray(bodyStart(raw)))
    .digest('base64url');
}

/** Behind the first empty line; headers written by different machines may end their lines differently. */
export function bodyStart(raw: Uint8Array): number {
  for (let at = raw.indexOf(lineFeed); at >= 0; at = raw.indexOf(lineFeed, at + 1)) {
    const next = raw[at + 1] === carriageReturn ? at + 2 : at + 1;
    if (raw[next] === lineFeed) return next + 1;
  }
  return raw.length;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** What the parser may remember of lines that it does not decode: about two kilobytes each. */
const mostPlainLines = 150_000;

/**
 * As much of a mail as can be read within the memory of a function: all of it, unless it has more lines than anybody
 * writes. Attachments in base64 do not count; they cost what they weigh.
 */
export function beginningOf(raw: Uint8Array): Uint8Array {
  let plainLines = 0;
  let isEncoded = false;
  for (let start = 0, end = raw.indexOf(lineFeed); end >= 0; start = end + 1, end = raw.indexOf(lineFeed, start)) {
    const first = raw[start];
    if (first === dash && raw[start + 1] === dash) isEncoded = false;
    else if (first === upperC || first === lowerC)
      isEncoded ||= isEncodedPart(raw.subarray(start, Math.min(end, start + 60)));
    if (!isEncoded) plainLines += 1;
    if (plainLines === mostPlainLines) return raw.subarray(0, end + 1);
  }
  return raw;
}

function isEncodedPart(line: Uint8Array): boolean {
  return /^content-transfer-encoding:\s*(?:base64|quoted-printable)/i.test(Buffer.from(line).toString('latin1'));
}

const dash = 0x2d;
const upperC = 0x43;
const lowerC = 0x63;
