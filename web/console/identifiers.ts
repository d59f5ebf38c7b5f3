import type { Identifier, IdentifierType, Trust } from '../../shared/contracts/identifier.ts';
import { element } from './element.ts';

const names: Record<IdentifierType, string> = {
  userId: 'Account',
  email: 'Email address',
  phone: 'Telephone number',
  externalId: 'Number elsewhere',
  anonymousId: 'Browser',
};

/** How well it is founded that an identifier is this customer's. */
const foundations: Record<Trust, string> = {
  claimed: 'only claimed',
  asserted: 'as our systems say',
  proven: 'proven',
};

/** The kind of an identifier as a person says it. */
export function identifierName(type: IdentifierType): string {
  return names[type];
}

/** As the API takes it. */
export function identifierText({ type, value }: Pick<Identifier, 'type' | 'value'>): string {
  return `${type}:${value}`;
}

/** An identifier with what it is and how sure we are. */
export function identifierLines({ type, value, trust }: Identifier): HTMLElement[] {
  return [
    element('span', { class: 'value' }, value),
    element(
      'span',
      { class: 'small quiet' },
      `${names[type]}, `,
      element('span', { class: trust }, foundations[trust]),
    ),
  ];
}
