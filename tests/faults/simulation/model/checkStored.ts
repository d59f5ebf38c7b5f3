import type { Step } from '../history.ts';
import type { DeliveredMail } from './checkReplies.ts';
import { hashOf, leafOf, type Stored } from './storedTable.ts';

/** A message that a step sends: where it must lie, and how it is known there. */
interface Expected {
  name: string;
  /** Undefined where it may lie on any leaf of the customer: it was never acknowledged. */
  leaf: string | undefined;
  isIt: (stored: Stored) => boolean;
}

/**
 * INV-I, the first half: what was acknowledged exists exactly once, at its home; what was only tried exists at most
 * once; and there is nothing that nobody sent.
 */
export function checkStored(
  interactions: readonly Stored[],
  begun: readonly Step[],
  acknowledged: readonly { step: Step; ids: readonly string[] }[],
  mails: ReadonlyMap<number, DeliveredMail>,
): string[] {
  const violations: string[] = [];
  const explained = new Set<Stored>(
    interactions.filter(({ properties, source }) => source === 'platform' || properties.guest !== undefined),
  );
  const answers = new Map(acknowledged.map(({ step, ids }) => [step.number, ids]));
  for (const step of begun) {
    for (const { name, leaf, isIt } of expectedOf(step, answers, mails)) {
      const found = interactions.filter(isIt);
      for (const one of found) explained.add(one);
      if (found.length > 1) violations.push(`stored: ${name} of step ${step.number} exists ${found.length} times`);
      if (answers.has(step.number) && found.length === 0) {
        violations.push(`stored: ${name} of step ${step.number} was acknowledged and is not there`);
      }
      if (leaf !== undefined && found.some((one) => one.leaf !== leaf))
        violations.push(`stored: ${name} of step ${step.number} lies elsewhere`);
    }
  }
  for (const one of interactions) {
    if (!explained.has(one)) violations.push(`stored: nobody sent ${one.type} ${one.id}`);
  }
  return violations;
}

function expectedOf(
  step: Step,
  answers: ReadonlyMap<number, readonly string[]>,
  mails: ReadonlyMap<number, DeliveredMail>,
): Expected[] {
  const { deed, number } = step;
  const messageId = `step-${number}`;
  const by = (name: string, leaf: string | undefined, source: string, id: string): Expected => {
    const hash = hashOf(source, id);
    return { name, leaf, isIt: (stored) => stored.messageHash === hash };
  };
  switch (deed.does) {
    case 'identify':
      return [by('the statement', leafOf('userId', deed.user), 'shop', messageId)];
    case 'claim':
      return [by('the claim', leafOf('userId', deed.user, true), 'website', messageId)];
    case 'browse':
      return deed.events.map((event, index) =>
        by(`${event} ${index}`, leafOf('anonymousId', deed.browser), 'website', `${messageId}-${index}`),
      );
    case 'chat':
      return [by('the message', leafOf('anonymousId', deed.browser), 'website', messageId)];
    case 'text':
      return [by('the message', leafOf('phone', deed.phone), 'twilio', `SM${number}`)];
    case 'call': {
      const phases = { ringing: 'started', 'in-progress': 'answered', completed: 'ended', 'no-answer': 'missed' };
      const phase = phases[deed.stage];
      const id = phase === 'missed' ? `missed:${deed.call}` : `${deed.call}:${phase}`;
      return [by(`call ${phase}`, leafOf('phone', deed.phone), 'twilio', id)];
    }
    case 'reply': {
      const leaf = leafOf('email', deed.otherEmail ?? mails.get(deed.to)?.to ?? '', !deed.isProven);
      const text = `words of step ${number}`;
      return [{ name: 'the reply', leaf, isIt: (one) => one.text === text && one.properties.guest === undefined }];
    }
    case 'mail': {
      const leaf = leafOf('email', deed.email, !deed.isProven);
      return [{ name: 'the mail', leaf, isIt: ({ text }) => text === `words of step ${number}` }];
    }
    case 'answer': {
      // With whoever had written last when it was taken in.
      const [ownId] = answers.get(number) ?? [];
      return [by('the answer', ownId?.split('.')[0], 'reception', messageId)];
    }
    case 'resolve':
    case 'reopen':
    case 'snooze':
    case 'assign':
    case 'split':
    case 'merge':
    case 'note': {
      const [namedId = ''] = answers.get(deed.to) ?? [];
      const id = `${typeOfCommand[deed.does]}|${messageId}`;
      return [by(deed.does, namedId.split('.')[0] ?? '', 'reception', id)];
    }
    case 'link':
    case 'unlink':
    case 'resume':
    case 'deliver':
      // The platform's own facts tell of it.
      return [];
    case 'session': {
      // Opening a session twice with the same words states them once.
      const { browser, email, isSigned, name, user } = deed;
      if (!user && !email && !name) return [];
      const leaf = leafOf('anonymousId', browser);
      const userTrust = isSigned ? 'proven' : 'claimed';
      const isIt = ({
        identifiers,
        properties,
        touchpoint: _touchpoint,
        type,
        ...stored
      }: Stored & { touchpoint?: string }) => {
        if (type !== 'customer.identified' || stored.leaf !== leaf || stored.source !== 'website') return false;
        const traits = (properties.traits ?? {}) as Record<string, unknown>;
        const stated = identifiers.find((one) => one.type === 'userId');
        const isUser = user === undefined ? stated === undefined : stated?.value === user && stated.trust === userTrust;
        return isUser && traits.email === email && traits.name === name;
      };
      return [{ name: 'the session', leaf, isIt }];
    }
  }
}

const typeOfCommand = {
  resolve: 'conversation.resolved',
  reopen: 'conversation.reopened',
  snooze: 'conversation.snoozed',
  assign: 'conversation.assigned',
  split: 'conversation.split',
  merge: 'conversation.merged',
  note: 'note.added',
};
