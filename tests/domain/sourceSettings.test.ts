import { describe, expect, test } from 'vitest';
import { parseSettings } from '../../shared/source/settings.ts';

const complete = {
  pepper: Buffer.alloc(32, 7).toString('base64'),
  'token-keys': JSON.stringify([{ kid: 'march', secret: 'a-secret-of-at-least-thirty-two-bytes' }]),
};
const read = (more: Record<string, unknown> = {}) => {
  const written = Object.entries(more).map(([name, value]): [string, string] => [name, JSON.stringify(value)]);
  return parseSettings(new Map([...Object.entries(complete), ...written]));
};
const line = { kind: 'twilio', name: 'phone-line', authToken: 'token-of-the-practice' };

describe('the parameter set', () => {
  test('takes numbers as German and letters in German where it does not say otherwise', () => {
    expect(read().defaults).toEqual({ country: 'DE', language: 'de' });
    expect(read({ defaults: { country: 'AT' } }).defaults).toEqual({ country: 'AT', language: 'de' });
  });

  test('knows a phone line by its token alone', () => {
    expect(read({ 'sources/phone-line': line }).sources).toEqual([
      { ...line, keyHashes: [], scopes: [], allowedOrigins: ['*'] },
    ]);
  });

  test('names every fault by its parameter, and no value', () => {
    const faulty = {
      defaults: { country: 'Germany' },
      'sources/phone-line': { ...line, authToken: undefined, forwardTo: '030 23125000' },
      'sources/desk': { kind: 'agent', name: 'desk' },
    };
    let message = '';
    try {
      read(faulty);
    } catch (error) {
      message = String(error);
    }
    for (const name of ['defaults.country', 'sources/phone-line.forwardTo']) expect(message).toContain(name);
    expect(message).not.toContain('Germany');
    expect(message).not.toContain('030');
    expect(() => read({ 'sources/phone-line': { ...line, authToken: undefined } })).toThrow('authToken');
    expect(() => read({ 'sources/desk': { kind: 'agent', name: 'desk' } })).toThrow('sources/desk.keyHashes');
  });
});
