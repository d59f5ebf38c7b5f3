const mailbox = 'reply';
const tokenPattern = /^reply\+([a-z2-7]{48})@/i;

/** The address to which the replies to one mail go. */
export function replyAddressOf(token: string, mailDomain: string): string {
  return `${mailbox}+${token}@${mailDomain}`;
}

/** What stands for a token in an address of our reply mailbox, sound or not; undefined for any other address. */
export function replyTokenIn(address: string, mailDomain: string): string | undefined {
  const at = address.lastIndexOf('@');
  if (address.slice(at + 1).toLowerCase() !== mailDomain.toLowerCase()) return undefined;
  const [name = '', ...token] = address.slice(0, Math.max(at, 0)).split('+');
  return name.toLowerCase() === mailbox && token.length > 0 ? token.join('+').toLowerCase() : undefined;
}

/** The address as it may stand where people read it. */
export function withoutReplyToken(address: string): string {
  return address.replace(tokenPattern, `${mailbox}@`);
}
