import { assertNever } from '../platform/errors.ts';
import { type CallPart, type CallStage, isOutdone } from './callStage.ts';
import type { FoldedCard } from './conversationCard.ts';
import type { ConversationCommand } from './conversationCommand.ts';
import { leafOfMessage } from './conversationKeys.ts';
import type { ConversationMessage } from './conversationMessage.ts';
import { cutText } from './cutText.ts';

/** Where a conversation stands. */
export type Standing = Pick<
  FoldedCard,
  | 'status'
  | 'endedWith'
  | 'owes'
  | 'waitingSince'
  | 'widgetLeaf'
  | 'lastArrival'
  | 'heardUpTo'
  | 'lastAnswer'
  | 'assignee'
  | 'snoozedUntil'
  | 'snooze'
>;

/** What a message does to who owes an answer. */
type Effect = 'asks' | 'answers' | 'settles' | 'none';

/** Characters of the last words that are shown where a conversation is listed. */
export const endedWithLength = 160;
const nothingHeard: ReadonlySet<CallStage> = new Set();

/**
 * Where a conversation stands after one more message. Messages are heard in order of arrival, because that is what an
 * answer can have answered; clients' clocks have no say. What the platform says by itself answers nothing. `heard` are
 * the stages of the same call that arrived before: reports of a call come in any order and say the same in the end.
 */
export function hear(
  before: Standing | undefined,
  message: ConversationMessage,
  heard: ReadonlySet<CallStage> = nothingHeard,
): Standing {
  const { arrival, by, call, channel, id, isNote, occurredAtMs, receivedAtMs, text } = message;
  if (isNote && before) return { ...before, heardUpTo: arrival };
  const isOld = before !== undefined && call !== undefined && isOutdone(call.stage, heard);
  const endedWith = isOld
    ? before.endedWith
    : { text: cutText(text, endedWithLength), by, at: new Date(occurredAtMs).toISOString(), channel };
  // Only the widget can show an answer; a call or mail in between does not take the conversation away from it.
  const widgetLeaf = by === 'customer' && channel === 'web' ? leafOfMessage(id) : before?.widgetLeaf;
  const lastAnswer = by === 'customer' || call ? before?.lastAnswer : id;
  const kept = before?.assignee === undefined ? {} : { assignee: before.assignee };
  // What is set aside waits for the clock or for the customer, whatever we say meanwhile.
  const aside = by === 'customer' ? {} : asideIn(before);
  const ended = {
    ...kept,
    endedWith,
    lastArrival: arrival,
    heardUpTo: arrival,
    ...(widgetLeaf === undefined ? {} : { widgetLeaf }),
    ...(lastAnswer === undefined ? {} : { lastAnswer }),
  };
  switch (call ? effectOfCall(call, by, heard) : effectOfWords(by)) {
    case 'asks': {
      const waitingSince = before?.waitingSince ?? new Date(receivedAtMs).toISOString();
      return { status: 'open', owes: 'us', waitingSince, ...ended };
    }
    case 'answers':
      return { status: 'pending', owes: 'customer', ...ended, ...aside };
    case 'settles':
      return { status: 'pending', owes: 'nobody', ...ended, ...aside };
    default:
      return before === undefined ? { status: 'pending', owes: 'nobody', ...ended } : { ...before, ...ended };
  }
}

/**
 * Where a conversation stands after a command. Commands count by their arrival among the messages: resolving covers
 * what had been received. Who owes an answer stays, so that a conversation which comes back says so.
 */
export function obey(before: Standing, command: ConversationCommand): Standing {
  const { snooze, snoozedUntil, ...awake } = { ...before, heardUpTo: command.arrival };
  switch (command.does) {
    case 'resolve': {
      const { waitingSince: _waitingSince, ...settled } = awake;
      return { ...settled, status: 'resolved' };
    }
    case 'reopen':
      return wakened(awake, command.receivedAtMs);
    case 'snooze':
      return {
        ...awake,
        status: 'snoozed',
        snooze: command.id,
        snoozedUntil: new Date(command.untilMs).toISOString(),
      };
    case 'wake':
      return snooze === command.snooze
        ? wakened(awake, command.receivedAtMs)
        : { ...before, heardUpTo: command.arrival };
    case 'assign': {
      const { assignee: _assignee, ...rest } = { ...before, heardUpTo: command.arrival };
      return command.assignee === undefined ? rest : { ...rest, assignee: command.assignee };
    }
    case 'split':
    case 'merge':
      return { ...before, heardUpTo: command.arrival };
    default:
      return assertNever(command);
  }
}

function asideIn(before: Standing | undefined): Partial<Standing> {
  if (before?.status !== 'snoozed') return {};
  const { snooze, snoozedUntil, status } = before;
  return {
    status,
    ...(snooze === undefined ? {} : { snooze }),
    ...(snoozedUntil === undefined ? {} : { snoozedUntil }),
  };
}

function wakened(standing: Standing, atMs: number): Standing {
  if (standing.owes !== 'us') return { ...standing, status: 'pending' };
  return { ...standing, status: 'open', waitingSince: standing.waitingSince ?? new Date(atMs).toISOString() };
}

function effectOfWords(by: ConversationMessage['by']): Effect {
  return by === 'customer' ? 'asks' : by === 'agent' ? 'answers' : 'none';
}

/** An inbound call asks until somebody has answered it; two people who spoke owe each other nothing. */
function effectOfCall({ stage }: CallPart, by: ConversationMessage['by'], heard: ReadonlySet<CallStage>): Effect {
  if (heard.has('missed')) return 'none';
  if (stage === 'missed') return 'asks';
  if (stage === 'answered') return 'settles';
  return stage === 'started' && by === 'customer' && heard.size === 0 ? 'asks' : 'none';
}
