import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SESClient } from '@aws-sdk/client-ses';
import { afterAll } from 'vitest';
import { createReceiveDeliveryEvent } from '../../functions/receive-delivery-event/handler.ts';
import { createSendMessage } from '../../functions/send-message/handler.ts';
import { startFront } from '../../local/aws/startFront.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import type { BusEvent } from '../../local/events/eventBus.ts';
import { createSes, type Ses } from '../../local/ses/createSes.ts';
import { type MailView, readMail } from '../../local/ses/readMail.ts';
import type { Identifier } from '../../shared/contracts/identifier.ts';
import type { Interaction } from '../../shared/contracts/interaction.ts';
import { createConversationStore } from '../../shared/conversation/conversationStore.ts';
import { createReadMarkStore } from '../../shared/conversation/readMarkStore.ts';
import { createCustomerStore } from '../../shared/customer/customerStore.ts';
import { readCustomer } from '../../shared/customer/readCustomer.ts';
import type { FollowUpCommand } from '../../shared/follow-up/followUpCommand.ts';
import type { Mailer } from '../../shared/follow-up/mailer.ts';
import { createMailerStore } from '../../shared/follow-up/mailerStore.ts';
import { type Playbook, playbooks } from '../../shared/follow-up/playbooks.ts';
import type { SendLedgers } from '../../shared/follow-up/sendLedger.ts';
import { createSendLedgerStore } from '../../shared/follow-up/sendLedgerStore.ts';
import { createUnsubscribeTokens, type UnsubscribeTokens } from '../../shared/follow-up/unsubscribeToken.ts';
import { createLeafOf, type LeafOf } from '../../shared/identity/leaf.ts';
import type { Log } from '../../shared/platform/log.ts';
import { type FailedMessage, TryAgainLater } from '../../shared/platform/queue.ts';
import { placeInteraction } from '../../shared/timeline/placeInteraction.ts';
import { readTimeline } from '../../shared/timeline/readTimeline.ts';
import type { Timeline } from '../../shared/timeline/timeline.ts';
import { createTimelineStore } from '../../shared/timeline/timelineStore.ts';
import { createReplyTokens } from '../../shared/token/replyToken.ts';
import { createResumeTokens } from '../../shared/token/resumeToken.ts';
import { createTokenStore } from '../../shared/token/tokenStore.ts';
import { fakeClock, fakeDeployment, fakeResource } from '../local/events-support.ts';
import { createTimelineTable, startTestEngine } from './engine.ts';
import { createMeteredTable, type MeteredTable } from './meteredTable.ts';
import { practiceSender } from './practiceSender.ts';

/** What a queue makes of one delivery. */
export type Delivered = 'done' | 'comes again' | 'failed';

export interface CallerOptions {
  emails?: { value: string; trust: Identifier['trust'] }[];
  name?: string;
  language?: string;
  timeZone?: string;
}

/** Somebody who called and was missed. */
export interface Caller {
  leaf: string;
  email: string;
  emailLeaf: string;
  command: FollowUpCommand;
}

export interface FollowUpPractice {
  /** Somebody new, whose call is missed now. */
  caller(options?: CallerOptions): Promise<Caller>;
  /** The same person's next missed call. */
  missAnotherCall(caller: Caller): Promise<FollowUpCommand>;
  store(leaf: string, interaction: Pick<Interaction, 'type'> & Partial<Interaction>): Promise<string>;
  /** Delivers the command as the queue does. */
  deliver(command: FollowUpCommand | string): Promise<Delivered>;
  /** Delivers an event of the mail service, or any body. */
  deliverEvent(event: unknown): Promise<Delivered>;
  /** What the mail service has published since the last time. */
  takeEvents(): BusEvent[];
  mailsTo(address: string): Promise<MailView[]>;
  /** Everything on a leaf, oldest first. */
  timelineOf(leaf: string): Promise<Interaction[]>;
  advance(milliseconds: number): void;
  /** Replaces the mail service for as long as the test wants. */
  mailer: { current: Mailer; real: Mailer };
  ses: Ses;
  ledgers: SendLedgers;
  tokens: UnsubscribeTokens;
  timeline: Timeline;
  table: MeteredTable;
  leafOf: LeafOf;
  logged: string[];
  clock: () => number;
}

/** The calls' number, and when the clock of a test begins. */
export const practiceNumber = '+493023125000';
const start = '2026-03-02T09:42:00Z';
const tokenKeys = [{ kid: 'march', secret: 'a-secret-of-at-least-thirty-two-bytes' }];

/** The functions around a follow-up with their real stores, a real table and the local mail service. */
export async function startFollowUpPractice(options: { playbook?: Partial<Playbook> } = {}): Promise<FollowUpPractice> {
  const engine = await startTestEngine();
  await createTimelineTable(engine.endpoint, 'timeline');
  const table = createMeteredTable(engine, 'timeline');
  const timeline = createTimelineStore(table);
  const customers = createCustomerStore(table);
  const ledgers = createSendLedgerStore(table);
  const leafOf = createLeafOf(Buffer.alloc(32, 7));
  const testClock = fakeClock(start);
  const clock = testClock.now;
  const tokens = createUnsubscribeTokens(tokenKeys);
  const { log, logged } = recordingLog();
  const { events, mailer: real, ses } = await startMailService(testClock);
  const mailer = { current: real, real };
  let ids = 0;
  let people = 0;
  const newId = () => `made-${String(ids++).padStart(5, '0')}`.slice(-8);

  const store: FollowUpPractice['store'] = async (leaf, interaction) => {
    const { id: _id, occurredAt: _at, receivedAt: _received, ...content } = { ...blank, ...interaction };
    const placed = placeInteraction(
      { ...content, home: leaf, messageId: `m-${ids++}`, clientTimeMs: clock() },
      { newId, receivedAtMs: clock() },
    );
    return (await timeline.append(placed)).id;
  };
  const missCall = (leaf: string, phone: string) =>
    store(leaf, {
      type: 'call.missed',
      channel: 'voice',
      text: 'Missed call',
      identifiers: [{ type: 'phone', value: phone, trust: 'asserted' }],
      properties: { callId: `twilio:CA${ids}`, from: phone, to: practiceNumber },
    });
  const commandFor = (occasion: string, customerId: string): FollowUpCommand => {
    return { playbook: 'missed-call', step: 'apologise', occasion, customerId };
  };

  const consume = createSendMessage({
    readCustomer: (leaf) => readCustomer({ customers, timeline }, leaf),
    timeline,
    ledgers,
    mailer: { send: (mail) => mailer.current.send(mail) },
    customers,
    conversations: createConversationStore(table, timeline),
    readMarks: createReadMarkStore(table),
    tokens: createTokenStore(table),
    unsubscribeTokens: tokens,
    replyTokens: createReplyTokens(tokenKeys),
    resumeTokens: createResumeTokens(tokenKeys, clock),
    playbooks: playbooks.map((playbook) => ({ ...playbook, ...options.playbook })),
    sender: practiceSender,
    leafOf,
    newId,
    clock,
    log,
  });
  const receive = createReceiveDeliveryEvent({ ledgers, timeline, leafOf, newId, clock, log });
  const body = (value: unknown) => [
    { messageId: 'one', body: typeof value === 'string' ? value : JSON.stringify(value) },
  ];

  return {
    async caller({ emails, language, name, timeZone } = {}) {
      people++;
      const phone = `+4930900${String(people).padStart(4, '0')}`;
      const leaf = leafOf({ type: 'phone', value: phone });
      const known = emails ?? [{ value: `caller-${people}@example.com`, trust: 'asserted' as const }];
      await store(leaf, {
        type: 'customer.identified',
        identifiers: known.map((email) => ({ type: 'email', ...email })),
        properties: { traits: { name, language } },
        context: timeZone === undefined ? {} : { timezone: timeZone },
      });
      const email = known[0]?.value ?? '';
      const occasion = await missCall(leaf, phone);
      return {
        leaf,
        email,
        emailLeaf: leafOf({ type: 'email', value: email }),
        command: commandFor(occasion, leaf),
      };
    },
    missAnotherCall: async ({ leaf }) => commandFor(await missCall(leaf, '+493012345678'), leaf),
    store,
    deliver: async (command) => outcomeOf(await consume(body(command))),
    deliverEvent: async (event) => outcomeOf(await receive(body(event))),
    takeEvents: () => events.splice(0),
    mailsTo: (address) =>
      Promise.all(
        ses.outbox
          .all()
          .filter(({ recipients }) => recipients.includes(address))
          .map((mail) => readMail(ses.outbox, mail)),
      ),
    async timelineOf(leaf) {
      const page = await readTimeline(timeline, { leaves: [leaf], limit: 100 });
      return page?.interactions.toReversed() ?? [];
    },
    advance: (milliseconds) => testClock.advance(milliseconds),
    mailer,
    ses,
    ledgers,
    tokens,
    timeline,
    table,
    leafOf,
    logged,
    clock,
  };
}

/** An event of SES as EventBridge puts it into a queue. */
export function busBody(event: BusEvent): unknown {
  const { detail, detailType, source } = event;
  return { version: '0', id: 'event-1', source, 'detail-type': detailType, region: 'eu-central-1', detail };
}

async function startMailService(clock: ReturnType<typeof fakeClock>) {
  const front = await startFront(() => undefined);
  const events: BusEvent[] = [];
  const dataDir = mkdtempSync(join(tmpdir(), 'throughline-mail-'));
  const ses = createSes({
    deployment: fakeDeployment([
      fakeResource('Set', 'AWS::SES::ConfigurationSet', { Name: 'practice' }),
      fakeResource('Identity', 'AWS::SES::EmailIdentity', { EmailIdentity: 'lindenhof.example' }),
      fakeResource('Destination', 'AWS::SES::ConfigurationSetEventDestination', {
        ConfigurationSetName: 'practice',
        EventDestination: {
          MatchingEventTypes: ['send', 'delivery', 'bounce', 'complaint', 'reject'],
          EventBridgeDestination: { EventBusArn: 'arn:aws:events:eu-central-1:000000000000:event-bus/default' },
        },
      }),
    ]),
    bus: {
      publish: (event) => {
        events.push(event);
        return 'id';
      },
      runRule: async () => undefined,
    },
    clock,
    dataDir,
    log: () => undefined,
  });
  front.register('ses', ses.handle);
  const client = new SESClient({ ...clientSettings(front.endpoint('ses')), maxAttempts: 1 });
  afterAll(async () => {
    client.destroy();
    await front.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });
  return { ses, events, mailer: createMailerStore(client, 'practice') };
}

const blank: Omit<Interaction, 'id' | 'occurredAt' | 'receivedAt'> = {
  type: 'event.tracked',
  channel: 'web',
  direction: 'inbound',
  source: 'practice-server',
  touchpoint: 'server',
  trust: 'asserted',
  identifiers: [],
  properties: {},
};

function outcomeOf([failed]: readonly FailedMessage[]): Delivered {
  if (failed === undefined) return 'done';
  return failed.error instanceof TryAgainLater ? 'comes again' : 'failed';
}

function recordingLog(): { log: Log; logged: string[] } {
  const logged: string[] = [];
  const note = (...parts: unknown[]) => void logged.push(JSON.stringify(parts));
  return {
    logged,
    log: {
      info: note,
      warn: note,
      error: (message, error, facts) => note(message, error instanceof Error ? error.name : typeof error, facts),
      count: note,
    },
  };
}
