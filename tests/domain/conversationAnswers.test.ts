import { expect, test } from 'vitest';
import { sentInteraction } from '../../shared/conversation/sendMessage.ts';
import { said, testLeaf } from '../support/leafInteractions.ts';

const opening = said('Minka limps.', Date.UTC(2026, 2, 2, 9));
const answer = {
  conversationId: opening.id,
  source: { kind: 'agent' as const, name: 'reception', keyHashes: [], scopes: [], allowedOrigins: [] },
  message: { text: 'Please come at eleven.' },
};

test('an answer goes to the widget from which the customer last wrote', () => {
  const laptop = 'lena-on-her-laptop----';

  expect(sentInteraction({ widgetLeaf: laptop }, answer)).toMatchObject({
    home: testLeaf,
    channel: 'web',
    touchpoint: 'widget',
    properties: { inReplyTo: opening.id, answersTo: laptop },
  });
  expect(sentInteraction({ widgetLeaf: testLeaf }, answer).properties).toEqual({ inReplyTo: opening.id });
});

test('an answer that nobody would deliver is refused', () => {
  expect(() => sentInteraction({}, answer)).toThrow(
    expect.objectContaining({
      code: 'conflict',
      publicText: 'The customer cannot read an answer here: they have not written in the widget.',
    }),
  );
});
