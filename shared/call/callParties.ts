import type { Identifier } from '../contracts/identifier.ts';
import type { Direction } from '../contracts/interaction.ts';
import type { Source } from '../contracts/source.ts';
import type { LeafOwner } from '../identity/leaf.ts';
import { isWithheld, type ParsePhone } from '../identity/parsePhone.ts';

/** A phone line as the rules of calls see its source. */
export interface PhoneLine extends Pick<Source, 'name' | 'forwardTo' | 'ownNumbers' | 'language'> {
  parsePhone: ParsePhone;
}

/** Who is at the ends of a call or text message. */
export interface CallParties {
  direction: Extract<Direction, 'inbound' | 'outbound'>;
  /** Leaf of the customer: their number, or the call itself where the number is withheld or none. */
  owner: LeafOwner;
  identifiers: Identifier[];
  /** Our end: the line that was called or called itself. */
  touchpoint: string;
  from?: string;
  to?: string;
}

/**
 * Tells the customer from us. Whoever calls in is the customer; of a call that we make it is who is called. A leg that
 * was dialled for another call shows the caller's number where somebody who called in is put through, and ours where we
 * call somebody. A number can be forged by who calls in, so it is only claimed; the number that we dial is asserted.
 */
export function callParties(
  { from, to, isCallIn, unknownId }: { from: string; to: string; isCallIn: boolean | undefined; unknownId: string },
  line: PhoneLine,
): CallParties {
  const ends = { from: endpointOf(from, line), to: endpointOf(to, line) };
  const own = new Set([line.forwardTo, ...(line.ownNumbers ?? [])].filter((number) => number !== undefined));
  const isFromCustomer = isCallIn ?? (own.has(ends.to.text) || !own.has(ends.from.text));
  const customer = isFromCustomer ? ends.from : ends.to;
  const ours = isFromCustomer ? ends.to : ends.from;
  const trust = isFromCustomer ? 'claimed' : 'asserted';
  const owner: LeafOwner =
    customer.number === undefined || own.has(customer.number)
      ? { type: 'externalId', value: unknownId }
      : { type: 'phone', value: customer.number };
  return {
    direction: isFromCustomer ? 'inbound' : 'outbound',
    owner,
    identifiers: [{ type: owner.type, value: owner.value, trust: owner.type === 'phone' ? trust : 'asserted' }],
    touchpoint: ours.text === '' ? line.name : ours.text,
    ...(ends.from.text === '' ? {} : { from: ends.from.text }),
    ...(ends.to.text === '' ? {} : { to: ends.to.text }),
  };
}

const longestEndpoint = 100;

/** An end's number, and its text: the number, else what stands there (a SIP address), else nothing. */
function endpointOf(written: string, line: PhoneLine): { number?: string; text: string } {
  const address = written.trim().replace(/^whatsapp:/i, '');
  if (isWithheld(address)) return { text: '' };
  // What is E.164 already never depends on a library's knowledge: the leaf must be the same for ever.
  const number = /^\+[1-9]\d{6,14}$/.test(address) ? address : line.parsePhone(address);
  return number === undefined ? { text: address.slice(0, longestEndpoint) } : { number, text: number };
}
