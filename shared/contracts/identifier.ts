import * as z from 'zod';

/**
 * Kinds of identifiers, in order of authority: of two linked leaves the one with the more authoritative
 * identifier is the parent.
 */
export const identifierTypes = ['userId', 'email', 'phone', 'externalId', 'anonymousId'] as const;
export const identifierTypeSchema = z.enum(identifierTypes);
export type IdentifierType = z.infer<typeof identifierTypeSchema>;

/** How well a statement about identity is founded; see `docs/decisions/0004`. */
export const trustSchema = z.enum(['claimed', 'asserted', 'proven']);
export type Trust = z.infer<typeof trustSchema>;

/** An identifier as the outside world writes it. */
export const identifierSchema = z.object({
  type: identifierTypeSchema,
  value: z.string().min(1).max(512),
  trust: trustSchema,
});
export type Identifier = z.infer<typeof identifierSchema>;

/** `type:value` as one string, for query parameters: `userId:cust-17`, `email:lena@example.com`. */
export const identifierQuerySchema = z.string().transform((text, context) => {
  const colon = text.indexOf(':');
  const type = identifierTypeSchema.safeParse(text.slice(0, Math.max(colon, 0)));
  // A "+" in a query string arrives as a space.
  const value = text
    .slice(colon + 1)
    .replace(/^ (?=\d)/, '+')
    .trim();
  if (!type.success || value === '' || value.length > 512) {
    context.issues.push({
      code: 'custom',
      input: text,
      message: `expected type:value with a type of ${identifierTypes.join(', ')}`,
    });
    return z.NEVER;
  }
  return { type: type.data, value };
});
