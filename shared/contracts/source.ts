import * as z from 'zod';

/** What a key of a source may do. Write scopes never include read scopes, nor the reverse. */
export const scopeSchema = z.enum([
  'events:write',
  'widget:converse',
  'customers:read',
  'customers:write',
  'conversations:read',
  'conversations:write',
  'lookup:read',
]);
export type Scope = z.infer<typeof scopeSchema>;

/**
 * browser: key readable by everybody, so it only claims. server: asserts. agent: people and their software. lookup:
 * call-center software. twilio: a phone line, whose requests are signed and carry no key.
 */
export const sourceKindSchema = z.enum(['browser', 'server', 'agent', 'lookup', 'twilio']);
export type SourceKind = z.infer<typeof sourceKindSchema>;

/** Name of a source: part of parameter names and of interaction keys, so it never changes. */
export const sourceNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);

const telephoneNumberSchema = z.string().regex(/^\+[1-9]\d{6,14}$/);

/** One source as it is kept in a parameter; keys are kept as hashes only. */
export const sourceSchema = z
  .strictObject({
    kind: sourceKindSchema,
    name: sourceNameSchema,
    /** SHA-256 of each valid key, hex; several during a rotation. */
    keyHashes: z.array(z.string().regex(/^[0-9a-f]{64}$/)).default([]),
    scopes: z.array(scopeSchema).default([]),
    /** Exact origins whose pages may use a browser key; `*` allows every page. */
    allowedOrigins: z.array(z.string()).default(['*']),
    /** Signs user ids (`userHash`); browser sources only. */
    identitySecret: z.string().min(16).optional(),
    /** What Twilio signs its requests with; Twilio sources only, as is everything below. */
    authToken: z.string().min(1).optional(),
    /** Refuses requests of other accounts. */
    accountSid: z.string().min(1).optional(),
    /** Where calls are put through, in E.164. Without it nobody is called. */
    forwardTo: telephoneNumberSchema.optional(),
    /** Further numbers of the company, lines and desks, in E.164: whoever is at the other end is the customer. */
    ownNumbers: z.array(telephoneNumberSchema).optional(),
    /** Language of the line, ISO 639. */
    language: z
      .string()
      .regex(/^[a-z]{2}$/)
      .optional(),
  })
  .superRefine(({ authToken, keyHashes, kind, scopes }, { addIssue }) => {
    const fault = (name: string) => addIssue({ code: 'custom', path: [name], message: `a ${kind} source needs it` });
    if (kind === 'twilio') {
      if (authToken === undefined) fault('authToken');
      return;
    }
    if (keyHashes.length === 0) fault('keyHashes');
    if (scopes.length === 0) fault('scopes');
  });
export type Source = z.infer<typeof sourceSchema>;

/** What holds where nobody says otherwise: the country whose numbers are written without a code, and the language. */
export const defaultsSchema = z.strictObject({
  /** ISO 3166, two letters. */
  country: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .default('DE'),
  /** ISO 639, two letters. */
  language: z
    .string()
    .regex(/^[a-z]{2}$/)
    .default('de'),
});
export type Defaults = z.infer<typeof defaultsSchema>;

/** Keys that sign the platform's own tokens: the first signs, all verify. */
export const tokenKeysSchema = z.array(z.strictObject({ kid: z.string().min(1), secret: z.string().min(32) })).min(1);
export type TokenKeys = z.infer<typeof tokenKeysSchema>;
