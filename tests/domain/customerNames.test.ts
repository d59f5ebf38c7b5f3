import { expect, test } from 'vitest';
import { messageOf, speakerOf } from '../../shared/conversation/conversationMessage.ts';
import { foldHead, type Head } from '../../shared/customer/head.ts';
import { decodeHead, encodeHead } from '../../shared/customer/headContent.ts';
import { nameOf } from '../../shared/customer/preferences.ts';
import { hourMs, type InteractionFields, interaction, mondayMs, said } from '../support/leafInteractions.ts';

function headOf(...fields: InteractionFields[]): Head {
  const fold = foldHead(undefined, fields.map(interaction));
  if (fold.kind !== 'folded') throw new Error('nothing was folded');
  return decodeHead(encodeHead(fold.head));
}

const signedMail: InteractionFields = {
  messageId: 'mail',
  type: 'message.received',
  channel: 'email',
  occurredAtMs: mondayMs + hourMs,
  properties: { traits: { name: 'Lena V.' } },
};

test('who has only mailed is called as the mail is signed', () => {
  expect(nameOf(headOf(signedMail).preferences)).toBe('Lena V.');
});

test('a stated name holds against the one in a later mail', () => {
  const stated: InteractionFields = {
    messageId: 'identify',
    type: 'customer.identified',
    properties: { traits: { name: 'Lena Vogt' } },
  };

  expect(nameOf(headOf(stated, signedMail).preferences)).toBe('Lena Vogt');
});

test.each([
  ['the one that was stated last', [{ name: 'Vogt KG' }, { name: 'Vogt & Söhne' }], 'Vogt & Söhne'],
  ['none where it is no object with a name', ['Vogt KG', { id: 'c-4' }, { name: ' ' }, null], undefined],
])('a customer works for %s', (_, companies, expected) => {
  const stated = companies.map((company, index): InteractionFields => {
    const occurredAtMs = mondayMs + index;
    return { messageId: `${index}`, type: 'customer.identified', occurredAtMs, properties: { traits: { company } } };
  });

  expect(headOf(...stated).preferences.company?.value).toBe(expected);
});

test('what we noted about identifiers is counted, not shown among the last interactions', () => {
  const linked: InteractionFields = {
    messageId: 'link',
    type: 'identity.linked',
    channel: 'system',
    direction: 'internal',
    occurredAtMs: mondayMs + 2 * hourMs,
  };
  const head = headOf(signedMail, linked);

  expect(head.shown.map(({ type }) => type)).toEqual(['message.received']);
  expect(head.byType).toEqual({ 'identity.linked': 1, 'message.received': 1 });
  expect(foldHead(head, [interaction(linked)]).kind).toBe('known');
});

test('an absence note is said by a machine and asks for no answer', () => {
  const note = said('away', mondayMs, { channel: 'email', properties: { autoSubmitted: 'auto-submitted' } });

  expect(speakerOf(note)).toBe('system');
});

test.each(['spam', 'virus'])('mail marked as %s opens no conversation', (mark) => {
  expect(messageOf(said('win', mondayMs, { channel: 'email', properties: { marks: [mark] } }))).toBeUndefined();
});
