import { callOf, isNote, listen, type ModelConversation, speakerOf } from './conversationStanding.ts';
import { connected } from './identityModel.ts';
import type { Stored } from './storedTable.ts';

const lateMs = 72 * 60 * 60 * 1000;
const openMs = 14 * 24 * 60 * 60 * 1000;

/** Whether an interaction is a message of a conversation, a note among them. */
export function isMessage({ channel, properties, type }: Stored): boolean {
  if (isNote({ type })) return true;
  if (/^call\.(started|answered|ended|missed)$/.test(type)) return channel === 'voice';
  if (type !== 'message.received' && type !== 'message.sent') return false;
  const marks = Array.isArray(properties.marks) ? properties.marks : [];
  const isRefuse = marks.includes('spam') || marks.includes('virus') || properties.guestOf !== undefined;
  return ['web', 'email', 'sms', 'voice'].includes(channel) && !isRefuse;
}

export function isCommand({ properties, type }: Stored): boolean {
  return (
    /^conversation\.(resolved|reopened|snoozed|woken|assigned|split|merged)$/.test(type) && properties.message !== ''
  );
}

/** All conversations of a customer, from everything on the timelines of all leaves. */
export function conversationsOf(timeline: readonly Stored[]): ModelConversation[] {
  const entries = timeline
    .filter((one) => isMessage(one) || isCommand(one))
    .sort(by(({ id, position }) => `${position} ${id}`));
  const messages = new Map(entries.filter(isMessage).map((one) => [one.id, one]));
  const openers = new Set(entries.filter(({ type }) => type === 'conversation.split').map(namedMessage));
  const areJoined = joinedBy(timeline);
  const conversations: ModelConversation[] = [];
  /** What waits for a message that it names. */
  let deferred: Stored[] = [];

  const homeOf = (id: string) => conversations.find(({ members }) => members.some(({ message }) => message.id === id));

  const enter = (conversation: ModelConversation, message: Stored, reason: string) => {
    const queue = [{ message, reason }];
    for (let next = queue.shift(); next; next = queue.shift()) {
      const into = homeOf(message.id) ?? conversation;
      into.members.push({ ...next, part: into.id });
      const { id, position, channel } = next.message;
      if (!isNote(next.message) && !isLate(next.message) && position > into.activity) {
        Object.assign(into, { activity: position, channel });
      }
      if (isSpoken(next.message) && !isLate(next.message)) into.isClosed = false;
      into.subject ||= subjectOf(next.message);
      const ready = deferred.filter((one) => namesOf(one, messages).includes(id));
      deferred = deferred.filter((one) => !ready.includes(one));
      for (const command of ready.filter(isCommand)) obey(command);
      queue.push(
        ...ready.filter(isMessage).map((one) => ({ message: one, reason: anchorOf(one, messages)?.reason ?? '' })),
      );
    }
  };
  const begin = (message: Stored, reason: string, origin: Partial<ModelConversation> = {}) => {
    const conversation: ModelConversation = { ...emptyConversation(message), ...origin };
    conversations.push(conversation);
    enter(conversation, message, reason);
  };
  const obey = (command: Stored) => {
    const names = namesOf(command, messages);
    const homes = names.flatMap((name) => homeOf(name) ?? []);
    const [from, into = from] = homes;
    if (homes.length < names.length) deferred.push(command);
    else if (from && into) {
      into.commands.push({ command, parts: [...into.parts] });
      if (command.type === 'conversation.resolved') into.isClosed = true;
      if (command.type === 'conversation.reopened') into.isClosed = false;
      // A later split of its beginning takes a merge back.
      const isTakenBack = entries.some(
        (one) => one.type === 'conversation.split' && namedMessage(one) === from.id && one.position > command.position,
      );
      if (from !== into && !isTakenBack) conversations.splice(conversations.indexOf(from), 1) && merge(from, into);
    }
  };

  for (const entry of entries) {
    if (isCommand(entry)) {
      obey(entry);
      continue;
    }
    const anchor = anchorOf(entry, messages);
    const named = anchor && homeOf(anchor.id);
    if (openers.has(entry.id) && !isNote(entry)) begin(entry, 'split');
    else if (named) enter(named, entry, anchor.reason);
    else if (anchor) deferred.push(entry);
    else if (!isNote(entry)) placeByItself(entry);
  }

  function placeByItself(message: Stored) {
    const [unknown] = referencesOf(message);
    if (unknown !== undefined) return begin(message, 'new', { linkedTo: unknown, isUnverifiedReply: true });
    const call = callOf(message);
    const sameCall = conversations.find(({ members }) => call && members.some((one) => callOf(one.message) === call));
    if (sameCall) return enter(sameCall, message, 'call');
    if (message.direction === 'outbound' && message.properties.startsConversation === true)
      return begin(message, 'new');
    const candidates = conversations
      .filter(({ activity, isClosed, members }) => {
        if (isLate(message) || activity === '' || isClosed) return false;
        if (message.occurredAtMs - Number.parseInt(activity.slice(0, 9), 36) > openMs) return false;
        return members.some((one) => areJoined(one.message.leaf, message.leaf, message.occurredAtMs));
      })
      .sort(by(({ activity, channel }) => `${channel === message.channel ? 1 : 0} ${activity}`))
      .reverse();
    const own = subjectOf(message).toLowerCase();
    const open = candidates.find(({ subject }) => own === '' || own === subject.toLowerCase());
    if (open) return enter(open, message, 'open');
    return begin(message, 'new', { linkedTo: candidates[0]?.id });
  }

  for (const conversation of conversations) listen(conversation);
  return conversations;
}

function emptyConversation({ channel, id }: Stored): ModelConversation {
  return {
    id,
    members: [],
    commands: [],
    parts: [id],
    subject: '',
    channel,
    activity: '',
    isClosed: false,
    linkedTo: undefined,
    isUnverifiedReply: false,
    status: 'pending',
    owes: 'nobody',
    waitingSince: undefined,
    assignee: undefined,
    snoozedUntil: undefined,
    endedWith: undefined,
    lastArrival: '',
  };
}

function merge(from: ModelConversation, into: ModelConversation): void {
  if (from.activity > into.activity) Object.assign(into, { activity: from.activity, channel: from.channel });
  into.subject ||= from.subject;
  into.isClosed &&= from.isClosed;
  into.members.push(...from.members);
  into.commands.push(...from.commands);
  into.parts.push(...from.parts);
}

/** Whether two leaves were known to be one customer's at a time: since the last time that the facts joined them. */
function joinedBy(timeline: readonly Stored[]): (one: string, other: string, atMs: number) => boolean {
  const facts = timeline
    .filter(({ type }) => type === 'identity.linked' || type === 'identity.unlinked')
    .sort((one, other) => one.receivedAtMs - other.receivedAtMs || (one.type < other.type ? 1 : -1));
  const leaves = [...new Set(timeline.map(({ leaf }) => leaf))];
  const since = new Map<string, number>();
  let edges: { a: string; b: string }[] = [];
  const note = (atMs: number) => {
    for (const one of leaves) {
      const together = connected(edges, one);
      for (const other of leaves) {
        const pair = `${one} ${other}`;
        if (!together.has(other)) since.delete(pair);
        else if (!since.has(pair)) since.set(pair, atMs);
      }
    }
  };
  for (const { properties, receivedAtMs, type } of facts) {
    const [a, b] = [leafIn(properties.a), leafIn(properties.b)];
    if (type === 'identity.linked') edges.push({ a, b });
    else {
      const kept = connected(
        edges.filter((edge) => edge.a !== a && edge.b !== a),
        b,
      );
      edges = edges.filter((edge) => !((edge.a === a && kept.has(edge.b)) || (edge.b === a && kept.has(edge.a))));
    }
    note(receivedAtMs);
  }
  // They are one customer's leaves: what the facts leave apart was joined without saying when.
  const spoken = timeline.filter(isMessage).map(({ leaf }) => leaf);
  edges.push(...spoken.map((leaf) => ({ a: spoken[0] ?? leaf, b: leaf })));
  note(0);
  return (one, other, atMs) => one === other || (since.get(`${one} ${other}`) ?? Number.POSITIVE_INFINITY) <= atMs;
}

/** The message that an entry follows, whatever the time, and why. */
function anchorOf(message: Stored, known: ReadonlyMap<string, Stored>): { id: string; reason: string } | undefined {
  const token = tokenOf(message);
  const ours = message.type === 'note.added' ? message.properties.message : message.properties.inReplyTo;
  const names = [token, ...referencesOf(message), message.direction === 'inbound' ? undefined : ours];
  const id = names.find((name) => typeof name === 'string' && name !== message.id && known.has(name));
  return typeof id === 'string' ? { id, reason: id === token ? 'token' : 'reference' } : undefined;
}

function namesOf(entry: Stored, known: ReadonlyMap<string, Stored>): string[] {
  if (isMessage(entry)) return [anchorOf(entry, known)?.id ?? ''];
  const { into } = entry.properties;
  return entry.type === 'conversation.merged' ? [namedMessage(entry), String(into)] : [namedMessage(entry)];
}

function tokenOf({ direction, properties }: Stored): string | undefined {
  const message = (properties.reply as { message?: unknown } | undefined)?.message;
  return direction === 'inbound' && typeof message === 'string' ? message : undefined;
}

/** What a mail says that it answers, as far as that was written before it. */
function referencesOf({ channel, direction, position, properties }: Stored): string[] {
  const isMail = direction === 'inbound' && channel === 'email';
  const answers = isMail && Array.isArray(properties.answers) ? properties.answers.map(String) : [];
  return answers.filter((id) => placeOf(id) < position);
}

/** Position of an interaction by its id: what follows leaf and class. */
function placeOf(id: string): string {
  return id.slice(id.indexOf('.') + 2).replace('.', '#');
}

function namedMessage({ properties }: Stored): string {
  return String(properties.message);
}

function isSpoken(message: Stored): boolean {
  return !isNote(message) && speakerOf(message) !== 'system';
}

/** A mail's subject without the marks that answering leaves. */
function subjectOf({ channel, properties }: Stored): string {
  const subject = channel === 'email' && typeof properties.subject === 'string' ? properties.subject : '';
  return subject.replace(/^((re|aw|fwd|wg): ?)+/i, '');
}

function isLate({ occurredAtMs, receivedAtMs }: Stored): boolean {
  return receivedAtMs - occurredAtMs > lateMs;
}

function leafIn(end: unknown): string {
  return String((end as { leaf?: unknown } | undefined)?.leaf);
}

function by<T>(text: (value: T) => string): (one: T, other: T) => number {
  return (one, other) => (text(one) < text(other) ? -1 : text(one) > text(other) ? 1 : 0);
}
