import type { ServiceHandler } from '../ports.ts';
import { composeMail } from './composeMail.ts';
import { addressesIn } from './mailSource.ts';
import { members, memberTexts, refusal, SesError, success, type XmlValue } from './queryProtocol.ts';
import type { ReceiptRuleSets } from './receiptRuleSets.ts';
import type { Submission } from './submission.ts';

export interface SesOperations {
  /** Resolves to the message id; rejects with SesError. */
  send(submission: Submission): Promise<string>;
  quota(): { max24HourSend: number; maxSendRate: number; sentLast24Hours: number };
  receiptRuleSets: ReceiptRuleSets;
}

/** The query protocol of SES v1 as far as functions use it. */
export function sesApi({ send, quota, receiptRuleSets }: SesOperations): ServiceHandler {
  const operations: Record<string, (parameters: URLSearchParams) => Promise<Record<string, XmlValue>>> = {
    ...receiptRuleSets.operations,
    SendRawEmail: async (parameters) => ({ MessageId: await send(rawSubmission(parameters)) }),
    SendEmail: async (parameters) => ({ MessageId: await send(composedSubmission(parameters)) }),
    GetSendQuota: async () => {
      const { max24HourSend, maxSendRate, sentLast24Hours } = quota();
      return {
        Max24HourSend: max24HourSend.toFixed(1),
        SentLast24Hours: sentLast24Hours.toFixed(1),
        MaxSendRate: maxSendRate.toFixed(1),
      };
    },
  };
  return async ({ body }) => {
    const parameters = new URLSearchParams(body.toString('utf8'));
    const name = parameters.get('Action') ?? '';
    const operation = operations[name];
    try {
      if (!operation)
        throw new SesError('InvalidAction', `Could not find operation ${name}: it is not served locally.`);
      return success(name, await operation(parameters));
    } catch (error) {
      if (error instanceof SesError) return refusal(error);
      throw error;
    }
  };
}

function rawSubmission(parameters: URLSearchParams): Submission {
  const data = parameters.get('RawMessage.Data');
  if (!data)
    throw new SesError('ValidationError', '1 validation error detected: Value at rawMessage.data must not be null');
  const destinations = memberTexts(parameters, 'Destinations');
  return {
    ...common('SendRawEmail', parameters),
    raw: Buffer.from(data, 'base64'),
    destinations: destinations.length > 0 ? destinations : undefined,
  };
}

function composedSubmission(parameters: URLSearchParams): Submission {
  const to = memberTexts(parameters, 'Destination.ToAddresses');
  const cc = memberTexts(parameters, 'Destination.CcAddresses');
  const bcc = memberTexts(parameters, 'Destination.BccAddresses');
  const raw = composeMail({
    source: parameters.get('Source') ?? '',
    to,
    cc,
    replyTo: memberTexts(parameters, 'ReplyToAddresses'),
    subject: parameters.get('Message.Subject.Data') ?? '',
    text: parameters.get('Message.Body.Text.Data') ?? undefined,
    html: parameters.get('Message.Body.Html.Data') ?? undefined,
  });
  return { ...common('SendEmail', parameters), raw, destinations: [...to, ...cc, ...bcc].flatMap(addressesIn) };
}

function common(operation: string, parameters: URLSearchParams) {
  return {
    operation,
    source: parameters.get('Source') ?? undefined,
    configurationSet: parameters.get('ConfigurationSetName') ?? undefined,
    tags: new Map(members(parameters, 'Tags').map((tag) => [tag.get('Name') ?? '', tag.get('Value') ?? ''])),
  };
}
