import type { ConversationWriter, PlacedCard } from '../conversation/conversations.ts';
import type { CustomerFoldPorts } from '../customer/foldCustomer.ts';
import { refoldCustomer } from '../customer/foldCustomer.ts';
import type { Head } from '../customer/head.ts';
import { decodeHead, encodeHead } from '../customer/headContent.ts';
import type { Leaf } from '../identity/leaf.ts';
import type { SearchIndex } from '../search/searchIndex.ts';

/** Something stored that is not what the timelines fold to, by ids alone. */
export interface Difference {
  what: 'head' | 'customer' | 'card' | 'pointer' | 'statement' | 'search-term';
  /** Of the leaf, the conversation or the message. */
  id: string;
}

/** A pointer to a message that does not belong there. */
export interface StrayPointer {
  conversationId: string;
  arrival: string;
}

export interface AuditPorts extends CustomerFoldPorts {
  search: NonNullable<CustomerFoldPorts['search']> & Pick<SearchIndex, 'has'>;
}

/**
 * Compares heads, cards, pointers, statements, search terms and `~c` of a leaf's customer with what the timelines of all
 * leaves fold to. It is the fold itself, with ports that look where they would write; so nothing is written, and what
 * the fold does not touch is not looked at. While interactions are being projected there may be differences.
 */
export async function auditCustomer(
  ports: AuditPorts,
  leaf: Leaf,
): Promise<{ differences: Difference[]; strays: StrayPointer[] }> {
  const found = new Map<string, Difference>();
  const note = (what: Difference['what'], id: string) => void found.set(`${what} ${id}`, { what, id });
  const { conversations, pointers } = lookingWriter(ports, note);
  await refoldCustomer(
    {
      ...ports,
      customers: lookingCustomers(ports.customers, note),
      conversations,
      search: {
        async write(owner, { added }) {
          const present = await Promise.all(added.map((term) => ports.search.has(term, owner)));
          if (present.includes(false)) note('search-term', owner);
        },
      },
    },
    leaf,
  );
  const strays = await pointers();
  return { differences: [...found.values()], strays };
}

type Note = (what: Difference['what'], id: string) => void;

function lookingCustomers(customers: CustomerFoldPorts['customers'], note: Note): CustomerFoldPorts['customers'] {
  return {
    ...customers,
    async writeHead(leaf, head, _version, news) {
      const stored = await customers.readState(leaf, { consistent: true });
      const isSame = stored.head !== undefined && textOf(stored.head) === textOf(decodeHead(encodeHead(head)));
      // What a leaf that is linked says of having been alone counts for nobody.
      const isStale = Boolean(news?.aloneAtEpoch) && stored.aloneAtEpoch !== news?.aloneAtEpoch;
      if (!isSame || isStale) note('head', leaf);
      return true;
    },
    async writeCustomer(root) {
      note('customer', root);
      return true;
    },
  };
}

function lookingWriter(
  { conversations: writer, timeline }: Pick<AuditPorts, 'conversations' | 'timeline'>,
  note: Note,
): { conversations: ConversationWriter; pointers: () => Promise<StrayPointer[]> } {
  /** Arrivals by conversation: what should point there. */
  const expected = new Map<string, Set<string>>();
  const expectIn = (conversationId: string): Set<string> => {
    const arrivals = expected.get(conversationId) ?? new Set();
    expected.set(conversationId, arrivals);
    return arrivals;
  };
  const expectMembership: ConversationWriter['writeMembership'] = async (message, { conversationId, reason }) => {
    expectIn(conversationId).add(message.arrival);
    // A fold that broke off may have begun a conversation with any message.
    expectIn(message.id);
    const { stored } = message;
    if (stored) expectIn(stored.conversationId);
    if (stored?.conversationId !== conversationId || stored.reason !== reason) note('statement', message.id);
    return true;
  };
  return {
    conversations: {
      ...writer,
      openConversation(next, opening, membership, tree) {
        note('card', next.card.conversationId);
        return expectMembership(opening, membership, tree);
      },
      async writeCard(next, previous) {
        if (!isKeptApart(next, previous)) note('card', next.card.conversationId);
        return true;
      },
      async deleteCard({ card }) {
        note('card', card.conversationId);
        return true;
      },
      writeMembership: expectMembership,
      async writeStatement({ id }, membership) {
        const [stated] = await timeline.readByIds([id]);
        const isSame =
          stated?.conversationId === membership.conversationId && stated.continuity?.reason === membership.reason;
        if (!isSame) note('statement', id);
        return true;
      },
    },
    async pointers() {
      const strays: StrayPointer[] = [];
      for (const [conversationId, arrivals] of expected) {
        const present = new Set(await writer.readArrivals(conversationId));
        const stray = [...present].filter((arrival) => !arrivals.has(arrival));
        // What points here and belongs elsewhere was left behind by a move: nobody sees it.
        if ([...arrivals].some((arrival) => !present.has(arrival))) note('pointer', conversationId);
        strays.push(...stray.map((arrival) => ({ conversationId, arrival })));
      }
      return strays;
    },
  };
}

/** A card that lies by itself keeps what it said of the whole customer when it was moved there. */
function isKeptApart(next: PlacedCard, previous: PlacedCard): boolean {
  if (next.place !== 'moved' || previous.place !== 'moved') return false;
  return ownContent(next) === ownContent(previous);
}

function ownContent({ card }: PlacedCard): string {
  const { name: _name, version: _version, newestPosition: _newest, awaitedAnchors: _awaited, ...own } = card;
  return textOf(own);
}

/** A value as text, the same for the same content: names of objects in order. */
function textOf(value: Head | object): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([one], [other]) => (one < other ? -1 : 1)))
      : inner,
  );
}
