import { describe, expect, test } from 'vitest';
import { createUnsubscribeTokens } from '../../shared/follow-up/unsubscribeToken.ts';
import { createResumeTokens } from '../../shared/token/resumeToken.ts';
import { createSessionTokens } from '../../shared/widget/sessionToken.ts';

/* Tokens as earlier versions gave them out: they lie in mailboxes and browsers, and stay good. */
const keys = [{ kid: 'march', secret: 'a-secret-of-at-least-thirty-two-bytes' }];
const issuedAtMs = Date.UTC(2026, 2, 2, 9);
const leaf = 'aaaaaaaaaaaaaaaaaaaaaa';
const unsubscribeToken = [
  'eyJhbGciOiJIUzI1NiIsInR5cCI6InVuc3Vic2NyaWJlK2p3dCIsImtpZCI6Im1hcmNoIn0',
  'eyJwdXJwb3NlIjoic2VydmljZS1yZWNvdmVyeSIsImxhbmd1YWdlIjoiZGUiLCJhdWQiOiJ1bnN1YnNjcmliZSIsInN1YiI6ImFhYWFhYWFhYWFhYWFhYWFhYWFhYWEifQ',
  '4pIpZNuzPQprPQ8RH6p-ZtVd5PcrzP_PN5XLAv1nycg',
].join('.');
const resumeToken = [
  'eyJhbGciOiJIUzI1NiIsInR5cCI6InJlc3VtZStqd3QiLCJraWQiOiJtYXJjaCJ9',
  'eyJtZXNzYWdlIjoibTEiLCJhbnN3ZXJzIjpbImExIl0sImxlYWYiOiJhYWFhYWFhYWFhYWFhYWFhYWFhYWFhIiwidHlwZSI6ImFub255bW91c0lkIiwic291cmNlIjoid2Vic2l0ZSIsImxhbmd1YWdlIjoiZW4iLCJhdWQiOiJyZXN1bWUiLCJzdWIiOiJhYWFhYWFhYWFhYWFhYWFhYWFhYWFhIiwianRpIjoibGluay0xIiwiZXhwIjoxNzcyNjE0ODAwfQ',
  'OUnlnpyorOUUUzs74RCN2UeqNaBMFz3f4BO0aSGNwss',
].join('.');
const sessionToken = [
  'eyJhbGciOiJIUzI1NiIsInR5cCI6IndpZGdldC1zZXNzaW9uK2p3dCIsImtpZCI6Im1hcmNoIn0',
  'eyJzb3VyY2UiOiJ3ZWJzaXRlIiwiYW5vbnltb3VzSWQiOiJiN2ExIiwidXNlciI6eyJ1c2VySWQiOiJjbGllbnQtMTciLCJ0cnVzdCI6InByb3ZlbiJ9LCJhdWQiOiJ3aWRnZXQiLCJpYXQiOjE3NzI0NDIwMDAsImV4cCI6MTc3MjQ4NTIwMH0',
  '2asbTk4nyyY9LW_XVyg_jttjb8XpzjrZGdfUghK-2TI',
].join('.');

const resume = (nowMs: number) => createResumeTokens(keys, () => nowMs);
const session = (nowMs: number) => createSessionTokens(keys, () => nowMs);

describe('a token that was given out', () => {
  test('in an unsubscribe link names the mailbox and the purpose, for ever', async () => {
    expect(await createUnsubscribeTokens(keys).verify(unsubscribeToken)).toEqual({
      address: leaf,
      purpose: 'service-recovery',
      language: 'de',
    });
  });

  test('in a resume link leads to its conversation, for two days', async () => {
    expect(await resume(issuedAtMs).verify(resumeToken)).toEqual({
      id: 'link-1',
      address: leaf,
      message: 'm1',
      answers: ['a1'],
      leaf,
      type: 'anonymousId',
      source: 'website',
      language: 'en',
      expiresAtMs: Date.UTC(2026, 2, 4, 9),
    });
    await expect(resume(Date.UTC(2026, 2, 4, 9)).verify(resumeToken)).rejects.toMatchObject({
      code: 'unauthenticated',
      publicText: 'This link has expired; please reply to the mail.',
    });
  });

  test('to a widget says who visits, for twelve hours', async () => {
    expect(await session(issuedAtMs).verify(sessionToken)).toEqual({
      source: 'website',
      anonymousId: 'b7a1',
      user: { userId: 'client-17', trust: 'proven' },
    });
  });

  test('is taken for no other kind', async () => {
    const verifiers = [
      (token: string) => createUnsubscribeTokens(keys).verify(token),
      (token: string) => resume(issuedAtMs).verify(token),
      (token: string) => session(issuedAtMs).verify(token),
    ];
    const tokens = [unsubscribeToken, resumeToken, sessionToken];
    const taken = await Promise.all(
      verifiers.map((verify) =>
        Promise.all(
          tokens.map((token) =>
            verify(token).then(
              () => true,
              () => false,
            ),
          ),
        ),
      ),
    );
    expect(taken).toEqual([
      [true, false, false],
      [false, true, false],
      [false, false, true],
    ]);
  });
});
