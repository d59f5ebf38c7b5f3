import { recipientOf, sideOfAnswer } from '../../../shared/answer/answerToMail.ts';
import type { FindAddressPorts } from '../../../shared/answer/findAddress.ts';
import type { Table } from '../../../shared/platform/table.ts';
import type { Timeline } from '../../../shared/timeline/timeline.ts';
import { createReplyTokens } from '../../../shared/token/replyToken.ts';
import type { Resumption } from '../../../shared/token/resumeToken.ts';
import { createTokenStore } from '../../../shared/token/tokenStore.ts';

export const replyTokens = createReplyTokens([{ kid: 'one', secret: 'a secret of thirty-two characters' }]);

/** A mail of ours that brings an answer, as far as its receiver can act on it. */
export interface SentMail {
  answer: string;
  to: string;
  replyToken: string;
  /** What the link in it leads to; undefined where the answer is to a mail or a call. */
  resumption: Resumption | undefined;
}

/** Binds a reply address and a link to an answer and to where it is mailed, as whoever mails it does. */
export async function deliver(
  { nowMs, table }: { nowMs: number; table: Table },
  ports: FindAddressPorts & { timeline: Timeline },
  answerId: string,
) {
  const [answer] = await ports.timeline.readByIds([answerId]);
  if (answer === undefined) throw new Error('an answer was acknowledged and is not there');
  const [asked] = await ports.timeline.readByIds([String(answer.properties.inReplyTo)]);
  const side = sideOfAnswer(answer, asked, ports);
  const { addresses } = await recipientOf(ports, { answer, asked, side });
  const [address] = addresses;
  if (address === undefined) return undefined;
  const { name, token } = replyTokens.issue(`${answerId} ${address.leaf}`);
  const mailbox = asked?.channel === 'email' ? side.leaf : address.leaf;
  await createTokenStore(table).bindReply(name, { message: answerId, address: mailbox, ...side }, nowMs);
  const link = { id: name, message: answerId, answers: [answerId], address: address.leaf, ...side };
  const resumption: Resumption | undefined =
    answer.channel === 'web' ? { ...link, source: 'website', language: 'de' } : undefined;
  return { answer: answerId, to: address.value, replyToken: token, resumption } satisfies SentMail;
}

/** A mail of a customer's. */
export function rawMail(
  number: number,
  {
    answers,
    email,
    isAutomatic,
    name,
    subject,
    to,
  }: { answers: string | undefined; email: string; isAutomatic: boolean; name: string; subject: string; to: string },
): Buffer {
  const headers = [
    `From: "${name}" <${email}>`,
    `To: ${to}`,
    ...(subject === '' ? [] : [`Subject: ${subject}`]),
    `Message-ID: <step-${number}@example.com>`,
    ...(answers === undefined ? [] : [`In-Reply-To: <${answers}@throughline.example>`]),
    ...(isAutomatic ? ['Auto-Submitted: auto-replied'] : []),
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
  ];
  return Buffer.from(`${headers.join('\r\n')}\r\n\r\nwords of step ${number}\r\n`);
}
