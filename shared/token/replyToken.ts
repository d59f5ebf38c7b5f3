import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { TokenKeys } from '../contracts/source.ts';
import { fromBase32, toBase32 } from './base32.ts';

/**
 * Tokens of reply addresses. An address has at most 64 characters before its `@` and no case, too little for what a
 * reply must be bound to; so a token only names an item that holds it, and proves that we gave the name out.
 */
export interface ReplyTokens {
  /** The token for the replies to one mail, by the key of its send, and the name under which its binding is kept. */
  issue(sendKey: string): { token: string; name: string };
  /** The name in a token; undefined for one that is damaged, forged, or made for something else. */
  verify(token: string): string | undefined;
}

/** Of the name and of its proof, in bytes: 48 characters together. */
const nameLength = 16;
const proofLength = 14;

/** The first key signs and all verify: a key that signed mails stays in the list for as long as they may be answered. */
export function createReplyTokens(keys: TokenKeys): ReplyTokens {
  const [signing] = keys;
  if (signing === undefined) throw new RangeError('reply tokens need a key');
  return {
    issue(sendKey) {
      const name = createHash('sha256').update(sendKey).digest().subarray(0, nameLength);
      return { token: toBase32(Buffer.concat([name, proofOf(signing.secret, name)])), name: toBase32(name) };
    },
    verify(token) {
      const bytes = fromBase32(token);
      if (bytes?.length !== nameLength + proofLength) return undefined;
      const [name, proof] = [bytes.subarray(0, nameLength), bytes.subarray(nameLength)];
      const isOurs = keys.some(({ secret }) => timingSafeEqual(proofOf(secret, name), proof));
      return isOurs ? toBase32(name) : undefined;
    },
  };
}

/** 112 bits, for this purpose alone: the same keys sign other tokens. */
function proofOf(secret: string, name: Uint8Array): Buffer {
  return createHmac('sha256', secret).update('reply-address|').update(name).digest().subarray(0, proofLength);
}
