/** A header as it stands in a message, unfolded. */
export interface MailHeader {
  name: string;
  value: string;
}

/** A message as bytes, split where its headers end. */
export interface MailSource {
  headers: MailHeader[];
  /** The bytes after the empty line. */
  body: Buffer;
}

/** Reads the headers of a raw message; lines may end in CRLF or LF. Nothing of the body is looked at. */
export function readMailSource(raw: Buffer): MailSource {
  const [end, bodyStart] = endOfHeaders(raw);
  const lines = raw.subarray(0, end).toString('utf8').split(/\r?\n/);
  const headers: MailHeader[] = [];
  for (const line of lines) {
    const last = headers.at(-1);
    if (/^[ \t]/.test(line) && last) last.value += `\r\n${line}`;
    const [, name, value = ''] = /^([^\s:]+)[ \t]*:[ \t]*(.*)$/.exec(line) ?? [];
    if (name !== undefined && !/^[ \t]/.test(line)) headers.push({ name, value });
  }
  return { headers, body: raw.subarray(bodyStart) };
}

/** The value of the first header of this name, unfolded to one line. */
export function headerValue({ headers }: MailSource, name: string): string | undefined {
  const found = headers.find((header) => header.name.toLowerCase() === name.toLowerCase());
  return found && unfolded(found.value);
}

/** Puts a message together again; folded headers stay folded. */
export function writeMailSource({ headers, body }: MailSource): Buffer {
  const head = headers.map(({ name, value }) => `${name}: ${value}\r\n`).join('');
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'utf8'), body]);
}

export function unfolded(value: string): string {
  return value.replace(/\r\n(?=[ \t])/g, '');
}

/** The bare addresses in the value of an address header, in order. */
export function addressesIn(value: string | undefined): string[] {
  if (value === undefined) return [];
  // Names may hold commas and at signs; quoted strings and comments are no addresses.
  const plain = value.replace(/"(?:[^"\\]|\\.)*"|\((?:[^()\\]|\\.)*\)/g, '');
  return plain.split(/[,;]/).flatMap((part) => {
    const bracketed = /<([^<>]*)>/.exec(part);
    const address = (bracketed?.[1] ?? part).trim();
    return address.includes('@') ? [address.replace(/^.*:\s*/, '')] : [];
  });
}

function endOfHeaders(raw: Buffer): [number, number] {
  const candidates = ['\r\n\r\n', '\n\n'].flatMap((separator) => {
    const index = raw.indexOf(separator);
    return index === -1 ? [] : [[index, index + separator.length] as [number, number]];
  });
  return candidates.toSorted(([a], [b]) => a - b)[0] ?? [raw.length, raw.length];
}
