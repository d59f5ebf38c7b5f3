/** A piece of a mail that is kept beside the original. */
export interface MailPart {
  key: string;
  content: Uint8Array;
  /** The type under which it is handed out; a type that a browser would run is none. */
  type: string;
  /** The name under which it is saved. */
  fileName: string;
}

/** Originals and parts as use cases see them; `mailObjectStore.ts` keeps them in the bucket. */
export interface MailObjects {
  /** A mail exactly as it came. Throws where there is none. */
  readOriginal(key: string): Promise<Uint8Array>;
  /** Keeps a part; the same part again replaces itself. */
  writePart(part: MailPart): Promise<void>;
}
