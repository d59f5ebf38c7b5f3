import type { Interaction } from '../../shared/contracts/interaction.ts';
import { element } from './element.ts';
import { identityWords } from './identityWords.ts';

/** What an interaction says to a person who reads the timeline. */
export function entryContent(interaction: Interaction): (HTMLElement | undefined)[] {
  const { text, type } = interaction;
  if (type.startsWith('message.')) return message(interaction);
  if (type.startsWith('identity.')) return [element('span', {}, identityWords(interaction))];
  if (type === 'note.added') return [element('span', { class: 'said noted' }, text)];
  return [element('span', {}, text ?? sentences[type] ?? type)];
}

/** Said where the interaction itself has no words. */
const sentences: Record<string, string> = {
  'email.delivered': 'The mail was delivered',
  'email.bounced': 'The mail bounced',
  'email.complained': 'The mail was reported as spam',
  'email.delayed': 'The mail is delayed',
  'email.opened': 'The mail was opened',
  'email.clicked': 'A link in the mail was clicked',
  'consent.withdrawn': 'Does not want to be mailed any more',
  'consent.granted': 'Agrees to be mailed again',
  'follow-up.suppressed': 'A follow-up was not sent',
};

function message({ channel, direction, text, type, properties }: Interaction): (HTMLElement | undefined)[] {
  const { mailId, subject } = properties;
  const isMail = channel === 'email';
  return [
    element(
      'span',
      { class: direction === 'outbound' ? 'said us' : 'said' },
      isMail && typeof subject === 'string' && subject !== ''
        ? element('strong', { class: 'subject' }, subject)
        : undefined,
      text ?? (typeof subject === 'string' ? undefined : type),
    ),
    isMail && typeof mailId === 'string'
      ? element(
          'div',
          { class: 'small' },
          element('a', { href: `/_local/mailbox/${mailId}` }, 'As it lies in the mailbox'),
        )
      : undefined,
  ];
}
