import type { ContinuityReason } from '../../shared/contracts/interaction.ts';
import type { Message } from '../../shared/contracts/widget.ts';
import { channelIcon } from './channelIcon.ts';
import { element } from './element.ts';
import { momentOf } from './times.ts';

/**
 * The messages of a conversation as a person reads them, each with the reason why it stands here. `seenUntil` is how far
 * the customer has read on the website.
 */
export function messageEntries(messages: readonly Message[], customer: string, seenUntil = ''): HTMLElement[] {
  return messages.map((message) => {
    const { agent, at, by, channel, id, internal, subject, text } = message;
    const side = internal ? 'note' : { customer: 'theirs', agent: 'ours', system: 'system' }[by];
    const speaker = internal
      ? `Note${agent ? ` by ${agent}` : ''}, for colleagues only`
      : { customer, agent: agent ?? 'We', system: 'The platform' }[by];
    return element(
      'li',
      { class: `message ${side}`, id: `message-${id}` },
      element(
        'p',
        { class: 'small quiet about' },
        internal ? undefined : channelIcon(channel),
        element('strong', {}, speaker),
        element('time', { datetime: at }, momentOf(at)),
      ),
      element(
        'div',
        { class: 'bubble' },
        subject ? element('strong', { class: 'subject' }, subject) : undefined,
        text === '' ? '(no words)' : text,
      ),
      internal
        ? undefined
        : element(
            'p',
            { class: 'small quiet because' },
            isSeen(message, seenUntil) ? `${reasonOf(message)} · seen` : reasonOf(message),
          ),
    );
  });
}

function isSeen({ at, by, channel }: Message, seenUntil: string): boolean {
  return by === 'agent' && channel === 'web' && at <= seenUntil;
}

function reasonOf({ by, channel, reason }: Message): string {
  if (reason === undefined) return '';
  if (by !== 'customer') return reason === 'new' ? 'Begins this conversation' : ours[reason];
  return channel === 'email' && reason === 'reference' ? 'Here because it answers a mail of ours' : theirs[reason];
}

const theirs: Record<ContinuityReason, string> = {
  new: 'Begins this conversation',
  open: 'Here because this conversation was open when it came',
  reference: 'Here because it refers to a message of this conversation',
  token: 'Here because it came to the reply address that we gave them in it, verified',
  call: 'Here because it belongs to the same call',
  split: 'Begins this conversation: one of us split it off',
};

const ours: Record<Exclude<ContinuityReason, 'new'>, string> = {
  open: 'Here because this conversation was open',
  reference: 'Here because it was sent as an answer in it',
  token: 'Here because it was sent as an answer in it',
  call: 'Here because it belongs to the same call',
  split: 'Begins this conversation: one of us split it off',
};
