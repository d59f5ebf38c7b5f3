import { type IdentifierType, identifierTypes } from '../../shared/contracts/identifier.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { identifierName } from './identifiers.ts';

/** A fact of identity in plain words: what was thought of whom, and why. */
export function identityWords({ properties, text, type }: Interaction): string {
  const { a, b, conflict, note, reason, statedBy } = properties;
  const [one, other] = [nameOf(a), nameOf(b)];
  if (one === undefined || other === undefined) return text ?? type;
  const who = typeof statedBy === 'string' ? statedBy : 'somebody';
  const words = typeof note === 'string' && note !== '' ? `: “${note}”` : '';
  const pair = one === other ? `Two of the kind “${one}”` : `${one} and ${other.toLowerCase()}`;
  switch (type) {
    case 'identity.linked':
      return `${pair} are one person, because ${becauseOf(reason, who)}${words}.`;
    case 'identity.unlinked':
      return reason === 'shared-phone'
        ? `${pair} were separated: the number belongs to several people.`
        : `${pair} were separated by ${who}${words}. They will not be joined by themselves again.`;
    case 'identity.conflicted':
      return `${pair} were not joined: ${conflictOf(conflict)}.`;
    default:
      return text ?? type;
  }
}

function becauseOf(reason: unknown, who: string): string {
  switch (reason) {
    case 'stated-by-server':
      return `our system “${who}” named both together`;
    case 'signed-user-id':
      return 'they were signed in there, which the website’s signature proves';
    case 'resume-link':
      return 'the link that we mailed to the address was opened in that browser';
    case 'reply':
      return 'a mail from the address replied to what we wrote';
    case 'confirmed-by-agent':
      return `${who} confirmed it`;
    default:
      return `${who} said so`;
  }
}

function conflictOf(conflict: unknown): string {
  switch (conflict) {
    case 'blocked':
      return 'somebody separated them before';
    case 'limit':
      return 'one person would have too many of them';
    case 'shared-phone':
      return 'the number belongs to several people';
    default:
      return 'it contradicts what we know';
  }
}

function nameOf(end: unknown): string | undefined {
  if (typeof end !== 'object' || end === null || !('type' in end)) return undefined;
  const type = identifierTypes.find((one): one is IdentifierType => one === end.type);
  return type && identifierName(type);
}
