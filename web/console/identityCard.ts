import type { Identifier } from '../../shared/contracts/identifier.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { element } from './element.ts';
import { identifierLines, identifierText } from './identifiers.ts';
import { identityWords } from './identityWords.ts';
import { momentOf } from './times.ts';

/** Why we think that this is one person, newest first, and what separates what is not. */
export function identityCard(
  identifiers: readonly Identifier[],
  facts: readonly Interaction[],
  separate: (identifier: Identifier, from: Identifier) => void,
): HTMLElement {
  const [first, ...others] = identifiers.filter(({ trust }) => trust !== 'claimed');
  const isLinked = facts.some(({ type }) => type === 'identity.linked');
  const rows = others.map((identifier) => {
    const button = element('button', { type: 'button' }, 'Not this person');
    if (first) button.addEventListener('click', () => separate(identifier, first));
    return element(
      'li',
      { class: 'identifier separable', 'data-identifier': identifierText(identifier) },
      element('div', {}, ...identifierLines(identifier)),
      button,
    );
  });
  return element(
    'section',
    { class: 'card', id: 'identity' },
    element('h2', {}, 'Why we think this is one person'),
    facts.length === 0
      ? element('p', { class: 'small quiet' }, 'Known by one identifier only; nothing was joined.')
      : element('ol', { class: 'grounds small' }, ...facts.map(ground)),
    ...(isLinked && rows.length > 0
      ? [
          element('h2', {}, 'Does one of these belong to somebody else?'),
          element('ul', { class: 'identifiers' }, ...rows),
        ]
      : []),
  );
}

function ground(fact: Interaction): HTMLElement {
  return element(
    'li',
    { class: fact.type.slice('identity.'.length) },
    identityWords(fact),
    element('time', { class: 'quiet when', datetime: fact.occurredAt }, momentOf(fact.occurredAt)),
  );
}
