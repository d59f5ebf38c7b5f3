import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as z from 'zod';
import { conversationStatusSchema } from '../contracts/conversation.ts';
import { channelSchema } from '../contracts/interaction.ts';
import type { ConversationCard } from '../conversation/conversationCard.ts';
import { cutText } from '../conversation/cutText.ts';
import type { CustomerFold } from './customerFold.ts';
import { decodeHead, encodeHead } from './headContent.ts';
import { nameOf } from './preferences.ts';

/** Of head and cards together, in bytes; with its key and stamps the item stays within three write units. */
const contentBytes = 2_850;
/** To how many characters the texts of conversations are cut, each while the content is too long. */
const textLengths = [160, 120, 80, 40, 20];

/*
 * What surrounds the merged head, as deflated JSON with short names. Conversation ids refer to their leaf by its place
 * among the members, because leaves do not compress.
 */
const count = z.number().int();
const cardSchema = z.object({
  /** Conversation: place of its leaf, the rest of its id. */
  i: z.tuple([count, z.string()]),
  /** Status, channel, who owes. */
  s: z.tuple([conversationStatusSchema, channelSchema, z.enum(['us', 'customer', 'nobody'])]),
  /** Subject. */
  b: z.string().optional(),
  /** Last words: text, by, at, channel. */
  e: z.tuple([z.string(), z.enum(['customer', 'agent', 'system']), count, channelSchema]),
  /** Waiting since. */
  w: count.optional(),
});
const surroundingsSchema = z.object({
  /** Members: leaf, version of the head, messages. */
  m: z.array(z.tuple([z.string(), count, count])),
  /** For each shown interaction the place of its leaf. */
  s: z.array(count),
  c: z.array(cardSchema),
});
type Surroundings = z.infer<typeof surroundingsSchema>;
type Card = z.infer<typeof cardSchema>;

/** A fold as the attributes of its item. */
export interface CustomerContent {
  epoch: number;
  /** As of a leaf. */
  head: Uint8Array;
  content: Uint8Array;
}

/** At most 2,850 bytes: where they are too long, the texts of conversations and then the last of these are cut. */
export function encodeCustomer(fold: CustomerFold): CustomerContent {
  const head = encodeHead(fold.head);
  let content = deflated(surroundingsOf(fold));
  const fits = () => head.byteLength + content.byteLength <= contentBytes;
  for (const length of textLengths) {
    if (fits()) break;
    content = deflated(surroundingsOf({ ...fold, cards: fold.cards.map((card) => shortened(card, length)) }));
  }
  for (let kept = fold.cards.length - 1; kept > 0 && !fits(); kept--) {
    const cards = fold.cards.slice(0, kept).map((card) => shortened(card, textLengths.at(-1) ?? 0));
    content = deflated(surroundingsOf({ ...fold, cards }));
  }
  return { epoch: fold.epoch, head, content };
}

/** Throws where the bytes are no customer of this version. */
export function decodeCustomer(customerId: string, { epoch, head: bytes, content }: CustomerContent): CustomerFold {
  const { m, s, c } = surroundingsSchema.parse(JSON.parse(inflateRawSync(content).toString('utf8')));
  const leafAt = (index: number | undefined): string => {
    const leaf = m[index ?? -1]?.[0];
    if (leaf === undefined) throw new RangeError('a customer refers to a leaf that it does not list');
    return leaf;
  };
  const head = decodeHead(bytes);
  const name = nameOf(head.preferences);
  return {
    epoch,
    members: m.map(([leaf, version, messages]) => ({ leaf, version, messages })),
    head: { ...head, shown: head.shown.map((shown, index) => ({ ...shown, leaf: leafAt(s[index]) })) },
    cards: c.map(({ i: [place, rest], s: [status, channel, owes], b, e: [text, by, atMs, through], w }) => ({
      conversationId: `${leafAt(place)}${rest}`,
      customerId,
      ...(name === undefined ? {} : { name }),
      status,
      channel,
      ...(b === undefined ? {} : { subject: b }),
      endedWith: { text, by, at: new Date(atMs).toISOString(), channel: through },
      owes,
      ...(w === undefined ? {} : { waitingSince: new Date(w).toISOString() }),
    })),
  };
}

function surroundingsOf({ members, head, cards }: CustomerFold): Surroundings {
  const places = new Map(members.map(({ leaf }, index) => [leaf, index]));
  return {
    m: members.map(({ leaf, version, messages }) => [leaf, version, messages]),
    s: head.shown.map(({ leaf = '' }) => places.get(leaf) ?? -1),
    c: cards.map((card): Card => {
      const { conversationId, status, channel, owes, subject, endedWith, waitingSince } = card;
      const leaf = conversationId.slice(0, conversationId.indexOf('.'));
      return {
        i: [places.get(leaf) ?? -1, conversationId.slice(leaf.length)],
        s: [status, channel, owes],
        ...(subject === undefined ? {} : { b: subject }),
        e: [endedWith.text, endedWith.by, Date.parse(endedWith.at), endedWith.channel],
        ...(waitingSince === undefined ? {} : { w: Date.parse(waitingSince) }),
      };
    }),
  };
}

function shortened(card: ConversationCard, length: number): ConversationCard {
  const { endedWith, subject } = card;
  return {
    ...card,
    endedWith: { ...endedWith, text: cutText(endedWith.text, length) },
    ...(subject === undefined ? {} : { subject: cutText(subject, length) }),
  };
}

function deflated(surroundings: Surroundings): Uint8Array {
  return deflateRawSync(JSON.stringify(surroundings), { level: 9 });
}
