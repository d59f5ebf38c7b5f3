import type { buildApp } from 'fauxqs';
import { asList, asRecord } from '../events/json.ts';

const mostSeconds = 900;

/** Refuses delays of messages over 15 minutes, as SQS does and the package does not: of a batch, those entries alone. */
export function refuseLongDelays(app: ReturnType<typeof buildApp>): void {
  const refused = new WeakMap<object, object[]>();
  app.addHook('preHandler', async (request, reply) => {
    const command = asRecord(request.body);
    const target = request.headers['x-amz-target'];
    if (target === 'AmazonSQS.SendMessage' && isTooLong(command)) {
      await reply.code(400).send({ __type: 'com.amazonaws.sqs#InvalidParameterValue', message: reason(command) });
    }
    if (target !== 'AmazonSQS.SendMessageBatch') return;
    const entries = asList(command.Entries).map(asRecord);
    const tooLong = entries.filter(isTooLong);
    if (tooLong.length === 0) return;
    refused.set(request, tooLong.map(failure));
    command.Entries = entries.filter((entry) => !tooLong.includes(entry));
    if (tooLong.length === entries.length) await reply.send({ Successful: [] });
  });
  app.addHook('preSerialization', async (request, _, answer) => {
    const failures = refused.get(request);
    return failures ? { ...asRecord(answer), Failed: [...asList(asRecord(answer).Failed), ...failures] } : answer;
  });
}

function isTooLong({ DelaySeconds }: Record<string, unknown>): boolean {
  return typeof DelaySeconds === 'number' && DelaySeconds > mostSeconds;
}

function failure(entry: Record<string, unknown>): object {
  return { Id: entry.Id, SenderFault: true, Code: 'InvalidParameterValue', Message: reason(entry) };
}

function reason({ DelaySeconds }: Record<string, unknown>): string {
  return `Value ${DelaySeconds} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${mostSeconds}.`;
}
