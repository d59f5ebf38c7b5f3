import { randomBytes } from 'node:crypto';

/** A fresh, unguessable id: 22 base64url characters. An input, like the clock. */
export type NewId = () => string;

export const randomId: NewId = () => randomBytes(16).toString('base64url');
