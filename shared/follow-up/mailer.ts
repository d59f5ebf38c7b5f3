/** A message on its way out. */
export interface OutgoingMail {
  /** MIME. */
  raw: Buffer;
  /** Bare addresses of the envelope. */
  from: string;
  to: string;
  /** Names and values of letters, digits, `_`, `-`, in values also `.` and `@`: delivery events bring them back. */
  tags: Record<string, string>;
}

/**
 * What the mail service made of it. `rejected`: never sent, and trying again is useless. `refused`: not sent, but
 * later it may be (throttled, a wrong permission). `unclear`: it may have been sent or not.
 */
export type MailOutcome =
  | { kind: 'accepted'; messageId: string }
  | { kind: 'rejected'; code: string }
  | { kind: 'refused'; code: string }
  | { kind: 'unclear'; cause: unknown };

/** The mail service; `mailerStore.ts` speaks to SES. It tries once: a second try could be a second mail. */
export interface Mailer {
  send(mail: OutgoingMail): Promise<MailOutcome>;
}
