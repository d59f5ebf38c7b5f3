import type { Stored } from './storedTable.ts';

/** A conversation as the rules have it, written down as plainly as they can be. */
export interface ModelConversation {
  id: string;
  /** In the order in which they were assigned. */
  members: { message: Stored; reason: string; part: string }[];
  /** What of ours did something to it, and to which parts of it. */
  commands: { command: Stored; parts: string[] }[];
  /** Itself and what was merged into it. */
  parts: string[];
  subject: string;
  channel: string;
  /** Position of the newest message that was not late; empty where all were. */
  activity: string;
  /** Resolved, and nobody has spoken since, in the order of positions. */
  isClosed: boolean;
  linkedTo: string | undefined;
  isUnverifiedReply: boolean;
  status: string;
  owes: string;
  waitingSince: string | undefined;
  assignee: string | undefined;
  snoozedUntil: string | undefined;
  endedWith: { text: string; by: string; at: string; channel: string } | undefined;
  lastArrival: string;
}

const stages = ['started', 'answered', 'ended', 'missed'];

/** Where a conversation stands: messages and commands are heard in the order of their arrival. */
export function listen(conversation: ModelConversation): void {
  const entries = [
    ...conversation.members.map(({ message, part }) => ({ entry: message, parts: [part] })),
    ...conversation.commands.map(({ command, parts }) => ({ entry: command, parts })),
  ];
  entries.sort((one, other) => (arrivalOf(one.entry) < arrivalOf(other.entry) ? -1 : 1));
  const heard: Stored[] = [];
  /** Parts of which something was heard that nobody has resolved since. */
  const unsettled = new Set<string>();
  const known = new Set<string>();
  let snooze = '';
  const say = (status: string, owes: string, waitingSince?: string) => {
    Object.assign(conversation, { status, owes, waitingSince, snoozedUntil: undefined });
    snooze = '';
  };
  for (const { entry, parts } of entries) {
    const at = new Date(entry.receivedAtMs).toISOString();
    const since = conversation.waitingSince ?? at;
    const { owes } = conversation;
    if (isNote(entry)) {
      if (heard.length > 0) {
        unsettled.add(parts[0] ?? '');
        known.add(parts[0] ?? '');
      }
      continue;
    }
    if (entry.type.startsWith('conversation.')) {
      // Nothing has been said yet that it could be about.
      if (heard.length === 0) continue;
      const { assignee, snooze: woken, until } = entry.properties;
      const isOwn = parts.includes(conversation.id);
      const comesBack = () => {
        if (owes === 'us') say('open', owes, since);
        else say('pending', owes, conversation.waitingSince);
      };
      switch (entry.type) {
        case 'conversation.resolved':
          for (const part of parts) unsettled.delete(part);
          if (unsettled.size === 0) say('resolved', owes);
          break;
        case 'conversation.reopened':
          for (const part of parts) if (known.has(part)) unsettled.add(part);
          if (isOwn || conversation.status === 'resolved') comesBack();
          break;
        case 'conversation.woken':
          if (isOwn && woken === snooze && snooze !== '') comesBack();
          break;
        case 'conversation.snoozed':
          if (!isOwn) break;
          say('snoozed', owes, conversation.waitingSince);
          conversation.snoozedUntil = new Date(String(until)).toISOString();
          snooze = entry.id;
          break;
        case 'conversation.assigned':
          if (isOwn) conversation.assignee = typeof assignee === 'string' ? assignee : undefined;
          break;
      }
      continue;
    }
    const [part = ''] = parts;
    if (speakerOf(entry) !== 'system' || !known.has(part)) unsettled.add(part);
    known.add(part);
    /** What we say while it is set aside leaves it there. */
    const sayMeanwhile = (status: string, owing: string) => {
      if (conversation.status !== 'snoozed' || speakerOf(entry) === 'customer') return say(status, owing);
      Object.assign(conversation, { owes: owing, waitingSince: undefined });
    };
    const call = callOf(entry);
    const before = heard.filter((one) => call !== '' && callOf(one) === call).map(({ type }) => type.slice(5));
    const isCall = entry.channel === 'voice' && entry.type.startsWith('call.');
    const stage = isCall ? entry.type.slice(5) : '';
    const speaker = speakerOf(entry);
    if (!isCall) {
      if (speaker === 'customer') say('open', 'us', since);
      if (speaker === 'agent') sayMeanwhile('pending', 'customer');
    } else if (!before.includes('missed')) {
      if (stage === 'missed') say('open', 'us', since);
      if (stage === 'answered') sayMeanwhile('pending', 'nobody');
      if (stage === 'started' && speaker === 'customer' && before.length === 0) say('open', 'us', since);
    }
    const isOutdone = isCall && before.some((one) => stages.indexOf(one) > stages.indexOf(stage));
    if (!isOutdone) {
      conversation.endedWith = {
        text: entry.text,
        by: speaker,
        at: new Date(entry.occurredAtMs).toISOString(),
        channel: entry.channel,
      };
    }
    conversation.lastArrival = arrivalOf(entry);
    heard.push(entry);
  }
}

export function arrivalOf({ id, receivedAtMs }: Stored): string {
  return `${receivedAtMs.toString(36).padStart(9, '0')}#${id}`;
}

export function isNote({ type }: Pick<Stored, 'type'>): boolean {
  return type === 'note.added';
}

export function speakerOf({ direction, properties, type }: Stored): string {
  if (isNote({ type })) return 'agent';
  if (type === 'call.ended' || direction === 'internal') return 'system';
  if (direction === 'inbound' && properties.autoSubmitted !== undefined) return 'system';
  if (type === 'call.answered') return direction === 'inbound' ? 'agent' : 'customer';
  if (direction === 'inbound') return 'customer';
  return properties.automatic === true ? 'system' : 'agent';
}

export function callOf({ channel, properties, type }: Stored): string {
  return channel === 'voice' && type.startsWith('call.') ? String(properties.callId ?? '') : '';
}
