import { expect } from 'vitest';
import { failed, fakeFunction, fakeFunctions, fakeResource, functionArn, queueArn } from '../events-support.ts';
import { messagesOf, put, rule, ruleArn, start, toFunction, visit } from '../rules-support.ts';
import { contract } from './contract.ts';

const guide = 'https://docs.aws.amazon.com/eventbridge/latest/userguide';

contract('rules of the event bus', [
  {
    behaviour: 'an event reaches the targets of every rule that matches, in an envelope',
    source: `${guide}/eb-events-structure.html`,
    test: async () => {
      const { functions, settled } = start([
        rule('Booked', { source: ['practice.booking'] }, [toFunction]),
        rule('Cancelled', { 'detail-type': ['visit.cancelled'] }, [toFunction]),
        rule('Disabled', { source: ['practice.booking'] }, [toFunction], { State: 'DISABLED' }),
        rule('OtherBus', { source: ['practice.booking'] }, [toFunction], { EventBusName: 'partner' }),
      ]);
      const answer = await put({ ...visit, Resources: ['animal/minka'], Time: new Date('2026-01-14T08:00:00Z') });
      await settled();
      expect(answer).toMatchObject({ FailedEntryCount: 0, Entries: [{ EventId: expect.any(String) }] });
      expect(functions.calls.map(({ event }) => event)).toEqual([
        {
          version: '0',
          id: answer.Entries?.[0]?.EventId,
          'detail-type': 'visit.booked',
          source: 'practice.booking',
          account: '000000000000',
          time: '2026-01-14T08:00:00Z',
          region: 'eu-central-1',
          resources: ['animal/minka'],
          detail: { animal: 'Minka', slots: [{ hour: 9 }] },
        },
      ]);
    },
  },
  {
    behaviour: 'each entry is judged by itself',
    source: 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html',
    test: async () => {
      const { functions, settled } = start([rule('Booked', { source: ['practice.booking'] }, [toFunction])]);
      const answer = await put(
        { ...visit, Detail: '{' },
        { ...visit, Source: 'aws.ses' },
        { Source: 'a', Detail: '{}' },
        visit,
      );
      await settled();
      expect(answer.FailedEntryCount).toBe(3);
      expect(answer.Entries?.map((entry) => entry.ErrorCode)).toEqual([
        'MalformedDetail',
        'NotAuthorizedForSourceException',
        'InvalidArgument',
        undefined,
      ]);
      expect(functions.calls).toHaveLength(1);
    },
  },
  {
    behaviour: 'a target receives a constant, a part of the event, or a filled template',
    source: `${guide}/eb-transform-target-input.html`,
    test: async () => {
      const pattern = { source: ['practice.booking'] };
      const template = (InputTemplate: string) => ({
        InputTransformer: {
          InputPathsMap: { animal: '$.detail.animal', first: '$.detail.slots[0]', no: '$.detail.x' },
          InputTemplate,
        },
      });
      const { functions, settled } = start([
        rule('Constant', pattern, [{ ...toFunction, Input: '{"sweep":true}' }]),
        rule('Part', pattern, [{ ...toFunction, InputPath: '$.detail.slots[0].hour' }]),
        rule('Json', pattern, [
          { ...toFunction, ...template('{"who": <animal>, "slot": <first>, "text": "for <animal>", "no": "<no>"}') },
        ]),
        rule('Text', pattern, [{ ...toFunction, ...template('"<animal> by <aws.events.rule-name> at <first>"') }]),
      ]);
      await put(visit);
      await settled();
      expect(functions.calls.map(({ event }) => event)).toEqual([
        { sweep: true },
        9,
        { who: 'Minka', slot: { hour: 9 }, text: 'for Minka', no: '' },
        'Minka by practice-Text at {"hour":9}',
      ]);
    },
  },
  {
    behaviour: 'a queue receives the event as its message',
    source: `${guide}/eb-targets.html`,
    test: async () => {
      const queue = await messagesOf('delivery-events');
      const { settled } = start([
        rule('Booked', { source: ['practice.booking'] }, [{ Id: 'q', Arn: queueArn('delivery-events') }]),
      ]);
      await put(visit);
      await settled();
      expect((await queue.receive()).map(({ Body }) => JSON.parse(Body ?? ''))).toMatchObject([
        { source: 'practice.booking', detail: { animal: 'Minka' } },
      ]);
    },
  },
  {
    behaviour: 'a target that does not exist sends the event to the dead-letter queue of the rule',
    source: `${guide}/eb-rule-dlq.html`,
    test: async () => {
      const dead = await messagesOf('rule-dead');
      const { settled } = start([
        rule('Booked', { source: ['practice.booking'] }, [
          { Id: 'q', Arn: queueArn('nowhere'), DeadLetterConfig: { Arn: queueArn('rule-dead') } },
        ]),
      ]);
      await put(visit);
      await settled();
      expect(await dead.receive()).toMatchObject([
        {
          Body: expect.stringContaining('"animal":"Minka"'),
          MessageAttributes: {
            RULE_ARN: { StringValue: ruleArn('Booked') },
            TARGET_ARN: { StringValue: queueArn('nowhere') },
            ERROR_CODE: { StringValue: 'NO_RESOURCE' },
            RETRY_ATTEMPTS: { StringValue: '0' },
          },
        },
      ]);
    },
  },
  {
    behaviour: 'a function that fails is tried twice more, then its own failure queues learn of it',
    source: 'https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html',
    test: async () => {
      const destination = await messagesOf('receive-failed');
      const dead = await messagesOf('receive-dead');
      const target = fakeFunction('Fails');
      target.properties = { DeadLetterConfig: { TargetArn: queueArn('receive-dead') } };
      const config = fakeResource('FailsConfig', 'AWS::Lambda::EventInvokeConfig', {
        FunctionName: 'practice-Fails',
        Qualifier: '$LATEST',
        DestinationConfig: { OnFailure: { Destination: queueArn('receive-failed') } },
      });
      const toFails = { Id: 'f', Arn: functionArn('Fails'), Input: '{"animal":"Minka"}' };
      const booked = rule('Booked', { source: ['practice.booking'] }, [toFails]);
      const { functions, settled } = start(
        [target, config, booked],
        fakeFunctions(() => failed('no vet')),
      );
      await put(visit);
      await settled();
      expect(functions.calls).toHaveLength(3);
      expect((await destination.receive()).map(({ Body }) => JSON.parse(Body ?? ''))).toMatchObject([
        {
          version: '1.0',
          timestamp: '2026-01-15T10:00:00.000Z',
          requestContext: { condition: 'RetriesExhausted', approximateInvokeCount: 3 },
          requestPayload: { animal: 'Minka' },
          responseContext: { statusCode: 200, executedVersion: '$LATEST', functionError: 'Unhandled' },
          responsePayload: { errorType: 'Error', errorMessage: 'no vet' },
        },
      ]);
      expect(await dead.receive()).toMatchObject([
        { Body: '{"animal":"Minka"}', MessageAttributes: { ErrorMessage: { StringValue: 'no vet' } } },
      ]);
    },
  },
  {
    behaviour: 'more than ten entries are refused',
    source: 'https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html',
    test: async () => {
      start([]);
      await expect(put(...Array.from({ length: 11 }, () => visit))).rejects.toMatchObject({
        name: 'ValidationException',
      });
    },
  },
]);
