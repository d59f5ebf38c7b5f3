import { SESClient, SendRawEmailCommand } from '@aws-sdk/client-ses';
import type { Mailer, MailOutcome } from './mailer.ts';

/** Answers by which SES says that it will never send this message. */
const definite = new Set([
  'AccountSendingPaused',
  'ConfigurationSetSendingPaused',
  'InvalidParameterValue',
  'MailFromDomainNotVerified',
  'MessageRejected',
]);

/** Sends through SES, under a configuration set that publishes what becomes of the mail. */
export function createMailerStore(client: SESClient, configurationSet: string): Mailer {
  return {
    async send({ from, raw, tags, to }) {
      try {
        const { MessageId } = await client.send(
          new SendRawEmailCommand({
            RawMessage: { Data: raw },
            Source: from,
            Destinations: [to],
            Tags: Object.entries(tags).map(([Name, Value]) => ({ Name, Value })),
            ConfigurationSetName: configurationSet,
          }),
        );
        if (MessageId === undefined) throw new Error('SES answered without a message id');
        return { kind: 'accepted', messageId: MessageId };
      } catch (error) {
        return outcomeOf(error);
      }
    },
  };
}

/** A client that never repeats a request (the SDK's own retries can send three mails) and gives up before the function does. */
export function createSesClient(): SESClient {
  return new SESClient({
    maxAttempts: 1,
    requestHandler: { connectionTimeout: 3_000, requestTimeout: 10_000, throwOnRequestTimeout: true },
  });
}

/** An answer of 4xx says that nothing was sent; a lost connection, a time-out or 5xx says nothing. */
function outcomeOf(error: unknown): MailOutcome {
  const code = error instanceof Error ? error.name.replace(/Exception$/, '') : '';
  const status = statusOf(error);
  if (status === undefined || status < 400 || status > 499 || status === 408) return { kind: 'unclear', cause: error };
  return definite.has(code) ? { kind: 'rejected', code } : { kind: 'refused', code };
}

function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}
