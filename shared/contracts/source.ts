import * as z from 'zod';

/** What a key of a source may do. Write scopes never include read scopes, nor the reverse. */
export const scopeSchema = z.enum([
  'events:write',
  'widget:converse',
  'customers:read',
  'conversations:read',
  'conversations:write',
  'lookup:read',
]);
export type Scope = z.infer<typeof scopeSchema>;

/** browser: key readable by everybody, so it only claims. server: asserts. agent: people and their software. lookup: call-center software. */
export const sourceKindSchema = z.enum(['browser', 'server', 'agent', 'lookup']);
export type SourceKind = z.infer<typeof sourceKindSchema>;

/** Name of a source: part of parameter names and of interaction keys, so it never changes. */
export const sourceNameSchema = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/);

/** One source as it is kept in a parameter; keys are kept as hashes only. */
export const sourceSchema = z.strictObject({
  kind: sourceKindSchema,
  name: sourceNameSchema,
  /** SHA-256 of each valid key, hex; several during a rotation. */
  keyHashes: z.array(z.string().regex(/^[0-9a-f]{64}$/)).min(1),
  scopes: z.array(scopeSchema).min(1),
  /** Exact origins whose pages may use a browser key; `*` allows every page. */
  allowedOrigins: z.array(z.string()).default(['*']),
  /** Signs user ids (`userHash`); browser sources only. */
  identitySecret: z.string().min(16).optional(),
});
export type Source = z.infer<typeof sourceSchema>;

/** Keys that sign the platform's own tokens: the first signs, all verify. */
export const tokenKeysSchema = z.array(z.strictObject({ kid: z.string().min(1), secret: z.string().min(32) })).min(1);
export type TokenKeys = z.infer<typeof tokenKeysSchema>;
