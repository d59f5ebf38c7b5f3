import { describe, expect, test } from 'vitest';
import { addressesNear } from '../../shared/answer/addressesNear.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { sentInteraction } from '../../shared/conversation/sendMessage.ts';
import { sideOf } from '../../shared/conversation/sideOf.ts';
import type { Edge } from '../../shared/identity/identityNode.ts';
import { createLeafOf } from '../../shared/identity/leaf.ts';
import { said, testLeaf } from '../support/leafInteractions.ts';

const leafOf = createLeafOf(Buffer.alloc(32, 7));
const opening = said('Minka limps.', Date.UTC(2026, 2, 2, 9));
const answer = {
  conversationId: opening.id,
  source: { kind: 'agent' as const, name: 'reception', keyHashes: [], scopes: [], allowedOrigins: [] },
  message: { text: 'Please come at eleven.', messageId: 'answer-1' },
};

describe('an answer', () => {
  test('lies with the message that it follows, also where that came from another leaf than the opening one', () => {
    const laptop = 'lena-on-her-laptop----';
    const later = { ...said('And she sneezes.', Date.UTC(2026, 2, 2, 10)), id: opening.id.replace(testLeaf, laptop) };
    expect(sentInteraction(later, answer, leafOf)).toMatchObject({
      home: laptop,
      recognisedAt: testLeaf,
      channel: 'web',
      touchpoint: 'widget',
      properties: { inReplyTo: later.id },
    });
  });

  test('to a mail goes by mail, to a call too', () => {
    for (const channel of ['email', 'voice', 'sms'] as const) {
      expect(sentInteraction({ ...opening, channel }, answer, leafOf)).toMatchObject({
        channel: 'email',
        touchpoint: 'email',
      });
    }
  });

  test('is for who was proven to ask, not for who sits at the same browser', () => {
    const signed: Interaction = {
      ...opening,
      trust: 'proven',
      identifiers: [{ type: 'userId', value: 'client-17', trust: 'proven' }],
    };
    const user = leafOf({ type: 'userId', value: 'client-17' });
    expect(sentInteraction(signed, answer, leafOf).properties).toEqual({ inReplyTo: opening.id, answersTo: user });
    expect(sideOf(signed, leafOf)).toBe(user);
    const claimed: Interaction = { ...signed, trust: 'claimed' };
    expect(sentInteraction(claimed, answer, leafOf).properties).toEqual({ inReplyTo: opening.id });
    expect(sideOf(claimed, leafOf)).toBe(testLeaf);
  });
});

describe('notes among colleagues and words of guests', () => {
  test('are on nobody’s side of a conversation', () => {
    expect(sideOf({ ...opening, direction: 'internal' }, leafOf)).toBeUndefined();
    expect(sideOf({ ...opening, properties: { guest: { message: 'one' } } }, leafOf)).toBeUndefined();
  });
});

describe('the address of an answer', () => {
  const emailLeaf = (value: string) => leafOf({ type: 'email', value });
  const [browser, user, lena, other] = [
    leafOf({ type: 'anonymousId', value: 'browser' }),
    leafOf({ type: 'userId', value: 'client-17' }),
    emailLeaf('lena@example.com'),
    emailLeaf('other@example.com'),
  ];
  const email = (value: string, trust: 'claimed' | 'asserted' | 'proven') => ({ type: 'email' as const, value, trust });
  const near = (
    edges: Edge[],
    identifiers = [email('lena@example.com', 'asserted'), email('other@example.com', 'proven')],
  ) => addressesNear(browser, { edges, identifiers, leafOf }).map(({ value }) => value);

  test('is the nearest to who asked, not the best founded of somebody who may be another', () => {
    const edges: Edge[] = [
      [browser, lena, 'asserted'],
      [lena, user, 'asserted'],
      [user, other, 'proven'],
    ];
    expect(near(edges)).toEqual(['lena@example.com', 'other@example.com']);
  });

  test('is one over proven links, if there is one', () => {
    const edges: Edge[] = [
      [browser, lena, 'asserted'],
      [browser, user, 'proven'],
      [user, other, 'proven'],
    ];
    expect(near(edges)).toEqual(['other@example.com', 'lena@example.com']);
  });

  test('is none that was only claimed, and none that was stated of the customer and is not theirs', () => {
    expect(near([[browser, user, 'proven']])).toEqual([]);
    expect(near([], [email('lena@example.com', 'claimed')])).toEqual([]);
    expect(near([], [email('lena@example.com', 'asserted')])).toEqual(['lena@example.com']);
  });
});
