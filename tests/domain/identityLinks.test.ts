import { describe, expect, test } from 'vitest';
import type { Identifier, IdentifierType, Trust } from '../../shared/contracts/identifier.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { linkedFactItem } from '../../shared/identity/identityFacts.ts';
import { isJunkIdentifier } from '../../shared/identity/isJunkIdentifier.ts';
import { linksOf, type StatedLink } from '../../shared/identity/linksOf.ts';
import { fromInteractionItem } from '../../shared/timeline/interactionItem.ts';
import { link, member } from '../support/identityTrees.ts';
import { type InteractionFields, interaction } from '../support/leafInteractions.ts';

const identifiers = (trust: Trust, values: Partial<Record<IdentifierType, string>>): Identifier[] =>
  Object.entries(values).map(([type, value]) => ({ type: type as IdentifierType, value, trust }));

const asserted = (values: Partial<Record<IdentifierType, string>>, fields: Partial<InteractionFields> = {}) =>
  interaction({
    messageId: 'm1',
    type: 'customer.identified',
    source: 'shop',
    trust: 'asserted',
    identifiers: identifiers('asserted', values),
    ...fields,
  });

/** Each link as text: `userId:cust-17 – email:lena@example.com, asserted`. */
const linksIn = (one: Interaction) => linksOf(one).map(({ a, b, trust }) => `${textOf(a)} – ${textOf(b)}, ${trust}`);
const textOf = (end: StatedLink['a']) => `${end.type}:${'leaf' in end ? end.leaf : end.value}`;

describe('a server', () => {
  test('asserts that the identifiers in one event are one customer', () => {
    const all = { anonymousId: 'v1', userId: 'cust-17', email: 'lena@example.com', phone: '+4915112345678' };
    expect(linksIn(asserted(all))).toEqual([
      'userId:cust-17 – email:lena@example.com, asserted',
      'userId:cust-17 – phone:+4915112345678, asserted',
      'userId:cust-17 – anonymousId:v1, asserted',
    ]);
  });

  test('asserts it with any event, not with identify alone', () => {
    const order = asserted({ userId: 'cust-17', anonymousId: 'v1' }, { type: 'order.completed' });
    expect(linksIn(order)).toEqual(['userId:cust-17 – anonymousId:v1, asserted']);
  });

  test('without a user id links to the address', () => {
    expect(linksIn(asserted({ anonymousId: 'v1', phone: '+4915112345678', email: 'lena@example.com' }))).toEqual([
      'email:lena@example.com – phone:+4915112345678, asserted',
      'email:lena@example.com – anonymousId:v1, asserted',
    ]);
  });

  test('links nothing with a single identifier, or none', () => {
    expect(linksIn(asserted({ userId: 'cust-17' }))).toEqual([]);
    expect(linksIn(asserted({}))).toEqual([]);
  });
});

describe('a browser', () => {
  const inWidget = (user: Identifier, more: Identifier[] = []) =>
    interaction({
      messageId: 'm1',
      type: 'message.received',
      touchpoint: 'widget',
      trust: user.trust,
      identifiers: [{ type: 'anonymousId', value: 'v1', trust: 'claimed' }, user, ...more],
    });

  test('with a signed user id proves that it is that user’s', () => {
    expect(linksIn(inWidget({ type: 'userId', value: 'cust-17', trust: 'proven' }))).toEqual([
      'userId:cust-17 – anonymousId:v1, proven',
    ]);
  });

  test('proves nothing about the address and number that it claims besides', () => {
    const claims: Identifier[] = [
      { type: 'email', value: 'victim@example.com', trust: 'claimed' },
      { type: 'phone', value: '+4915112345678', trust: 'claimed' },
    ];
    expect(linksIn(inWidget({ type: 'userId', value: 'cust-17', trust: 'proven' }, claims))).toEqual([
      'userId:cust-17 – anonymousId:v1, proven',
    ]);
  });

  test('that only claims links nothing, whatever it claims', () => {
    expect(linksIn(inWidget({ type: 'userId', value: 'cust-17', trust: 'claimed' }))).toEqual([]);
    const identified = { anonymousId: 'v1', userId: 'cust-17', email: 'victim@example.com' };
    expect(linksIn(interaction({ messageId: 'm', identifiers: identifiers('claimed', identified) }))).toEqual([]);
  });
});

describe('a resume link that was opened', () => {
  const browser = member('anonymousId', 'v1').leaf;
  const resumed = (fields: Partial<Interaction> = {}) =>
    interaction({
      leaf: browser,
      messageId: 'r1',
      type: 'conversation.resumed',
      channel: 'system',
      direction: 'internal',
      source: 'platform',
      identifiers: [],
      properties: { address: member('email', 'lena').leaf, message: 'any' },
      ...fields,
    });

  test('proves that the browser’s owner reads that mailbox', () => {
    expect(linksIn(resumed())).toEqual(['email:email-lena------------ – anonymousId:anonymousId-v1--------, proven']);
    expect(linksOf(resumed())[0]?.reason).toBe('resume-link');
  });

  test('without a leaf of the mailbox links nothing', () => {
    expect(linksIn(resumed({ properties: { address: 'lena@example.com' } }))).toEqual([]);
  });
});

describe('what is written by the link in a mail', () => {
  const mailbox = member('email', 'lena').leaf;
  const asker = member('anonymousId', 'v1').leaf;
  const written = (reply: object, fields: Partial<Interaction> = {}) =>
    interaction({
      leaf: member('anonymousId', 'v2').leaf,
      messageId: 'm1',
      type: 'message.received',
      touchpoint: 'widget',
      trust: 'proven',
      identifiers: [{ type: 'anonymousId', value: 'v2', trust: 'claimed' }],
      properties: { reply: { message: 'any', ...reply }, mailbox },
      ...fields,
    });

  test('asserts, as a reply by mail does, that its mailbox is whom we answered', () => {
    expect(linksIn(written({ leaf: asker, type: 'anonymousId' }))).toEqual([
      'email:email-lena------------ – anonymousId:anonymousId-v1--------, asserted',
    ]);
  });

  test('links nothing where the mailbox itself had asked, where nobody is named, or where nothing proves it', () => {
    expect(linksIn(written({ leaf: mailbox, type: 'email' }))).toEqual([]);
    expect(linksIn(written({}))).toEqual([]);
    expect(linksIn(written({ leaf: asker, type: 'anonymousId' }, { trust: 'claimed' }))).toEqual([]);
  });
});

describe('a mail that replies to us', () => {
  const home = member('email', 'lena').leaf;
  const reply = (fields: Partial<Interaction> = {}) =>
    asserted(
      {},
      {
        leaf: home,
        type: 'message.received',
        channel: 'email',
        trust: 'proven',
        properties: { reply: { message: 'any', leaf: member('anonymousId', 'v1').leaf, type: 'anonymousId' } },
        ...fields,
      },
    );

  test('asserts, and does not prove, that its sender is whom we wrote to', () => {
    expect(linksIn(reply())).toEqual(['email:email-lena------------ – anonymousId:anonymousId-v1--------, asserted']);
    expect(linksOf(reply())[0]?.reason).toBe('reply');
  });

  test.each<[string, Partial<Interaction>]>([
    ['from a sender whose domain does not vouch for it', { trust: 'claimed' }],
    ['on another channel', { channel: 'web' }],
    ['that we sent ourselves', { direction: 'outbound' }],
    ['to the sender’s own leaf', { properties: { reply: { message: 'any', leaf: home, type: 'email' } } }],
    ['to no leaf', { properties: { reply: { message: 'any', leaf: 'lena', type: 'email' } } }],
  ])('%s links nothing', (_, fields) => {
    expect(linksIn(reply(fields))).toEqual([]);
  });
});

describe('nothing else links by itself:', () => {
  const both = { email: 'lena@example.com', phone: '+4915112345678' };
  test.each<[string, Partial<Interaction>]>([
    ['a mail', { type: 'message.received', channel: 'email' }],
    ['a call', { type: 'call.started', channel: 'voice' }],
    ['a text message', { type: 'message.received', channel: 'sms' }],
    ['an agent’s answer', { type: 'message.sent', direction: 'outbound' }],
    ['a message of the platform', { type: 'message.sent', channel: 'email', direction: 'outbound' }],
    ['a note of the platform', { type: 'follow-up.suppressed', channel: 'system', direction: 'internal' }],
    ['a fact of identity that a server made up', { type: 'identity.linked' }],
  ])('%s', (_, fields) => {
    expect(linksIn(asserted(both, fields))).toEqual([]);
  });

  test('the fact that a link was made, so that no link causes another', () => {
    const item = linkedFactItem(link(member('userId', 1), member('email', 1)), member('userId', 1).leaf);
    const fact = fromInteractionItem(item);
    expect(fact?.type).toBe('identity.linked');
    expect(fact && linksOf(fact)).toEqual([]);
  });
});

describe('a fact of identity', () => {
  const [user, email] = [member('userId', 1), member('email', 1)];
  const request = link(user, email, { evidence: 'evidence-1' });

  test('says who linked what on which ground, in leaves only', () => {
    expect(fromInteractionItem(linkedFactItem(request, user.leaf))).toMatchObject({
      type: 'identity.linked',
      occurredAt: '2026-03-02T09:00:00.000Z',
      channel: 'system',
      direction: 'internal',
      source: 'platform',
      trust: 'asserted',
      identifiers: [],
      text: 'Recognised: userId and email are one customer',
      properties: {
        a: { leaf: 'userId-1--------------', type: 'userId' },
        b: { leaf: 'email-1---------------', type: 'email' },
        root: 'userId-1--------------',
        trust: 'asserted',
        reason: 'stated-by-server',
        statedBy: 'shop',
        evidence: 'evidence-1',
      },
    });
  });

  test('of the same link on the same evidence is the same fact; on other evidence it is another', () => {
    const again = linkedFactItem({ ...request }, user.leaf);
    const other = linkedFactItem({ ...request, evidence: 'evidence-2' }, user.leaf);
    expect(again).toEqual(linkedFactItem(request, user.leaf));
    expect(other.pk).toBe(again.pk);
    expect(other.sk).not.toBe(again.sk);
  });
});

describe('junk', () => {
  test.each<[IdentifierType, string]>([
    ['userId', 'null'],
    ['userId', 'NULL'],
    ['userId', ' undefined '],
    ['userId', '-1'],
    ['userId', '0'],
    ['userId', '(not set)'],
    ['userId', '[object Object]'],
    ['userId', 'anonymous'],
    ['userId', 'Guest'],
    ['userId', '"unknown"'],
    ['anonymousId', '00000000-0000-0000-0000-000000000000'],
    ['anonymousId', 'xxxxxxxx'],
    ['email', 'null@example.com'],
    ['email', 'noreply@vet.example'],
    ['phone', '+00000000'],
    ['phone', '+49 0000000'],
    ['phone', '+1 111 111 1111'],
    ['externalId', 'N/A'],
  ])('%s %j', (type, value) => {
    expect(isJunkIdentifier(type, value)).toBe(true);
  });

  test.each<[IdentifierType, string]>([
    ['userId', 'cust-17'],
    ['userId', '1'],
    ['userId', '1000'],
    ['userId', 'guestavo'],
    ['anonymousId', '0b7d'],
    ['anonymousId', '507f191e-810c-4972-9de8-60ea00000000'],
    ['email', 'lena@example.com'],
    ['email', 'email@lena.example'],
    ['email', 'test@vet.example'],
    ['phone', '+49 30 901820'],
    ['phone', '+4915112345678'],
    ['phone', '+49 800 1000000'],
  ])('is not %s %j', (type, value) => {
    expect(isJunkIdentifier(type, value)).toBe(false);
  });

  test('links nothing; what is left of the statement does', () => {
    const one = asserted({ userId: 'null', email: 'lena@example.com', phone: '+4915112345678', anonymousId: '-1' });
    expect(linksIn(one)).toEqual(['email:lena@example.com – phone:+4915112345678, asserted']);
  });
});
