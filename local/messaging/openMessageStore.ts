import { isRecord } from '../events/json.ts';
import { openJournal } from '../openJournal.ts';
import type { Stores } from './createStores.ts';

type Persistence = NonNullable<Stores['sqsStore']['persistence']>;

/** A message as the queue has it. */
export type QueuedMessage = Parameters<Persistence['insertMessage']>[1];

/** The messages of all queues, kept for the next start. */
export interface MessageStore {
  /** What the queues tell of their changes; the queues themselves come from the template. */
  listener: Pick<
    Persistence,
    | 'insertQueue'
    | 'deleteQueue'
    | 'updateQueueAttributes'
    | 'updateQueueSequenceCounter'
    | 'insertMessage'
    | 'deleteMessage'
    | 'updateMessageInflight'
    | 'updateMessageReady'
    | 'deleteQueueMessages'
  >;
  /** The messages that a queue held when the last platform ended. */
  messagesOf(queueName: string): QueuedMessage[];
  /** Something of a message that is held was changed. */
  changed(message: QueuedMessage): void;
  /** Before an answer leaves: what it acknowledges survives a crash. */
  flush(): void;
  close(): void;
}

interface Kept {
  queue: string;
  message: QueuedMessage;
}

/**
 * Every accepted message until it is deleted, wherever it moves, with the number of times it was received. What was being
 * handled at a crash is visible at once: whoever handled it is gone.
 */
export function openMessageStore(path: string): MessageStore {
  const journal = openJournal(path, isKept);
  const nothing = () => undefined;
  const changed = (messageId: string) => {
    const kept = journal.get(messageId);
    if (kept) journal.put(messageId, kept);
  };
  const messagesOf = (queueName: string) => journal.entries().filter(([, { queue }]) => queue === queueName);
  return {
    listener: {
      insertQueue: nothing,
      deleteQueue: nothing,
      updateQueueAttributes: nothing,
      updateQueueSequenceCounter: nothing,
      insertMessage: (queue, message) => journal.put(message.messageId, { queue, message }),
      deleteMessage: (messageId) => journal.remove(messageId),
      updateMessageInflight: changed,
      updateMessageReady: nothing,
      deleteQueueMessages: (queueName) => {
        for (const [messageId] of messagesOf(queueName)) journal.remove(messageId);
      },
    },
    messagesOf: (queueName) => messagesOf(queueName).map(([, { message }]) => message),
    changed: ({ messageId }) => changed(messageId),
    flush: () => journal.flush(),
    close: () => journal.close(),
  };
}

function isKept(value: unknown): value is Kept {
  return (
    isRecord(value) &&
    typeof value.queue === 'string' &&
    isRecord(value.message) &&
    typeof value.message.messageId === 'string' &&
    typeof value.message.body === 'string'
  );
}
