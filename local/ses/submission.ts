/** A message as one of the sending operations hands it over. */
export interface Submission {
  operation: string;
  raw: Buffer;
  /** Without it the From header. */
  source: string | undefined;
  /** Without it the To, Cc and Bcc headers. */
  destinations: readonly string[] | undefined;
  configurationSet: string | undefined;
  tags: ReadonlyMap<string, string>;
}
