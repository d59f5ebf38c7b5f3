import type { Step } from '../history.ts';
import { leafOf, type Stored } from './storedTable.ts';

/** A mail of ours: which answer it brought, and where to. */
export interface DeliveredMail {
  answer: string;
  to: string;
}

type Acknowledged = readonly { step: Step; ids: readonly string[] }[];

/**
 * What was sent to a reply address goes on with its answer if it comes from the mailbox that was written to. Anybody else is a guest:
 * the mail stays with its sender, and a copy that says nothing about who is who lies beside the answer, once.
 */
export function checkReplies(
  interactions: readonly Stored[],
  acknowledged: Acknowledged,
  mails: ReadonlyMap<number, DeliveredMail>,
): string[] {
  const byId = new Map(interactions.map((one) => [one.id, one]));
  const replies = new Map(acknowledged.map(({ step }) => [step.number, step]));
  return [...replies.values()].flatMap(({ deed, number }) => {
    if (deed.does !== 'reply') return [];
    const mail = mails.get(deed.to);
    const answer = byId.get(mail?.answer ?? '');
    const [own, copy, ...more] = interactions
      .filter(({ text }) => text === `words of step ${number}`)
      .sort((one, other) => Number(isCopy(one)) - Number(isCopy(other)));
    if (mail === undefined || answer === undefined || own === undefined)
      return [`reply: step ${number} replies to nothing`];
    const asked = byId.get(String(answer.properties.inReplyTo));
    const mailbox = asked?.channel === 'email' ? asked.leaf : leafOf('email', mail.to);
    const { guestOf, reply } = own.properties as { guestOf?: string; reply?: { message?: string; leaf?: string } };
    if (own.leaf === mailbox) {
      const isRight = reply?.message === answer.id && guestOf === undefined && copy === undefined;
      const isSilent = !deed.isAutomatic || reply?.leaf === undefined;
      return isRight && isSilent ? [] : [`reply: step ${number} of the mailbox itself is no reply`];
    }
    if (reply !== undefined || guestOf !== answer.id) return [`reply: step ${number} of a guest passes for a reply`];
    if (deed.isAutomatic) return copy === undefined ? [] : [`reply: a machine speaks by step ${number}`];
    const isBeside = copy?.leaf === answer.leaf && isCopy(copy) && more.length === 0;
    const isNobody = copy?.identifiers.length === 0 && copy.trust === 'claimed';
    return isBeside && isNobody
      ? []
      : [`reply: the words of the guest of step ${number} do not lie once beside the answer`];
  });
}

/** A link is good for one use: whoever came first, and once on the timeline. */
export function checkResumed(
  interactions: readonly Stored[],
  acknowledged: Acknowledged,
  mails: ReadonlyMap<number, DeliveredMail>,
): string[] {
  const uses = interactions.filter(({ type }) => type === 'conversation.resumed');
  const byLink = Map.groupBy(uses, ({ properties }) => `${properties.message} ${properties.address}`);
  const doubled = [...byLink].flatMap(([link, { length }]) =>
    length > 1 ? [`resume: ${link} was used ${length} times`] : [],
  );
  const mistaken = acknowledged.flatMap(({ step: { deed, number } }) => {
    if (deed.does !== 'resume') return [];
    const mail = mails.get(deed.to);
    const [use] = byLink.get(`${mail?.answer} ${leafOf('email', mail?.to ?? '')}`) ?? [];
    return use?.leaf === leafOf('anonymousId', deed.browser)
      ? []
      : [`resume: step ${number} went on without a use of its link`];
  });
  return [...doubled, ...mistaken];
}

function isCopy({ properties }: Stored): boolean {
  return properties.guest !== undefined;
}
