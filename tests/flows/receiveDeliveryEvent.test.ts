import { describe, expect, test } from 'vitest';
import { busBody, startFollowUpPractice } from '../support/followUps.ts';

const practice = await startFollowUpPractice();
const { caller, deliver, deliverEvent, timelineOf } = practice;

/** A caller whose mail went out, and what the mail service published about it. */
async function mailed(email?: string) {
  practice.takeEvents();
  const one = await caller(email === undefined ? {} : { emails: [{ value: email, trust: 'asserted' }] });
  await deliver(one.command);
  return { ...one, events: practice.takeEvents().map(busBody) };
}

/** An event of our own making, with only what SES always says. */
function event(eventType: string, recipient: string, more: Record<string, unknown>, mail = {}) {
  return {
    source: 'aws.ses',
    detail: {
      eventType,
      mail: {
        messageId: 'mail-1',
        timestamp: '2026-03-02T09:42:00.000Z',
        source: 'Tierarztpraxis Lindenhof <praxis@lindenhof.example>',
        destination: [recipient],
        ...mail,
      },
      ...more,
    },
  };
}

const delivery = (recipient: string, more = {}) =>
  event(
    'Delivery',
    recipient,
    { delivery: { timestamp: '2026-03-02T09:42:03.000Z', recipients: [recipient], smtpResponse: '250 OK' } },
    more,
  );
const bounce = (recipient: string, bounceType: string) =>
  event('Bounce', recipient, {
    bounce: {
      bounceType,
      bounceSubType: 'General',
      bouncedRecipients: [{ emailAddress: recipient, status: '5.1.1', diagnosticCode: 'smtp; 550 5.1.1 user unknown' }],
      timestamp: '2026-03-02T09:42:05.000Z',
      feedbackId: 'feedback-1',
    },
  });
const complaint = (recipient: string, complained: string[], more = {}) =>
  event('Complaint', recipient, {
    complaint: {
      complainedRecipients: complained.map((emailAddress) => ({ emailAddress })),
      timestamp: '2026-03-02T10:00:00.000Z',
      feedbackId: 'feedback-2',
      ...more,
    },
  });

const ledgerOf = async (email: string) =>
  (await practice.ledgers.read(practice.leafOf({ type: 'email', value: email }))).ledger;
const onTimeline = (email: string) => timelineOf(practice.leafOf({ type: 'email', value: email }));

describe('a delivered mail', () => {
  test('is on the timeline of its recipient once, at the time of delivery, and names the message', async () => {
    const { email, emailLeaf, events } = await mailed();
    expect(events).toHaveLength(2);
    for (const body of [...events, ...events.toReversed()]) expect(await deliverEvent(body)).toBe('done');
    const timeline = await timelineOf(emailLeaf);
    expect(timeline).toHaveLength(2);
    const sent = timeline.find(({ type }) => type === 'message.sent');
    const delivered = timeline.find(({ type }) => type === 'email.delivered');
    expect(delivered).toMatchObject({
      type: 'email.delivered',
      channel: 'email',
      direction: 'outbound',
      source: 'platform',
      text: 'Mail delivered',
      identifiers: [{ type: 'email', value: email, trust: 'asserted' }],
      properties: { message: sent?.id, mailId: sent?.properties.mailId, sendKey: sent?.properties.sendKey },
    });
  });

  test('is proven to be sent by the first event about it, whichever that is, and no second event writes again', async () => {
    const { emailLeaf, events } = await mailed();
    await deliverEvent(events[1]);
    const { ledger, version } = await practice.ledgers.read(emailLeaf);
    expect(Object.values(ledger.entries).map(({ state }) => state)).toEqual(['sent']);
    await deliverEvent(events[0]);
    expect((await practice.ledgers.read(emailLeaf)).version).toBe(version);
  });

  test('is there once though five copies of the event arrive at once', async () => {
    const body = delivery('five@example.com');
    await Promise.all(Array.from({ length: 5 }, () => deliverEvent(body)));
    expect((await onTimeline('five@example.com')).map(({ type }) => type)).toEqual(['email.delivered']);
  });

  test('that somebody else sent is noted at its recipient all the same', async () => {
    await deliverEvent(delivery('Jonas Reuter <elsewhere@example.com>'));
    expect(await onTimeline('elsewhere@example.com')).toMatchObject([{ type: 'email.delivered' }]);
    expect(await ledgerOf('elsewhere@example.com')).toEqual({ entries: {}, unsubscribed: {}, granted: {} });
  });
});

describe('an address', () => {
  test('that does not exist is not written to again', async () => {
    const one = await mailed('bounce+jonas@simulator.amazonses.com');
    for (const body of one.events) await deliverEvent(body);
    practice.advance(5 * 60 * 60_000);
    await deliver(await practice.missAnotherCall(one));
    const timeline = await timelineOf(one.emailLeaf);
    expect(timeline).toHaveLength(3);
    expect(timeline.find(({ type }) => type === 'email.bounced')?.properties).toMatchObject({
      bounceType: 'Permanent',
      bounceSubType: 'General',
    });
    expect(timeline.at(-1)).toMatchObject({
      type: 'follow-up.suppressed',
      properties: { reason: 'address-suppressed' },
    });
  });

  test('whose owner complained is not written to again', async () => {
    const one = await mailed('complaint+lena@simulator.amazonses.com');
    for (const body of one.events.toReversed()) await deliverEvent(body);
    expect((await ledgerOf(one.email)).suppressed?.reason).toBe('complaint');
    expect((await timelineOf(one.emailLeaf)).map(({ type }) => type).sort()).toEqual([
      'email.complained',
      'email.delivered',
      'message.sent',
    ]);
  });

  test('that is full or away for now may be written to again', async () => {
    await deliverEvent(bounce('full@example.com', 'Transient'));
    expect(await onTimeline('full@example.com')).toMatchObject([{ type: 'email.bounced' }]);
    expect(await ledgerOf('full@example.com')).toEqual({ entries: {}, unsubscribed: {}, granted: {} });
  });

  test('whose owner says that the mail is no spam may be written to again', async () => {
    await deliverEvent(complaint('kind@example.com', ['kind@example.com'], { complaintFeedbackType: 'not-spam' }));
    expect(await ledgerOf('kind@example.com')).toEqual({ entries: {}, unsubscribed: {}, granted: {} });
  });

  test('that was not written to is not suppressed because a provider lists everybody', async () => {
    await deliverEvent(complaint('one@example.com', ['one@example.com', 'other@example.com']));
    expect((await ledgerOf('one@example.com')).suppressed?.reason).toBe('complaint');
    expect(await onTimeline('other@example.com')).toEqual([]);
    expect(await ledgerOf('other@example.com')).toEqual({ entries: {}, unsubscribed: {}, granted: {} });
  });

  test('stays complained about when a bounce follows', async () => {
    await deliverEvent(complaint('both@example.com', ['both@example.com']));
    await deliverEvent(bounce('both@example.com', 'Permanent'));
    expect((await ledgerOf('both@example.com')).suppressed?.reason).toBe('complaint');
  });

  test('of another spelling is the same address', async () => {
    await deliverEvent(bounce('Jonas.Spelling@Example.com', 'Permanent'));
    expect((await ledgerOf('jonas.spelling@example.com')).suppressed?.reason).toBe('bounce');
  });
});

describe('an event', () => {
  test.each([
    ['Reject', { reject: { reason: 'Bad content' } }, 'email.rejected'],
    [
      'DeliveryDelay',
      {
        deliveryDelay: {
          timestamp: '2026-03-02T09:50:00.000Z',
          delayType: 'MailboxFull',
          delayedRecipients: [{ emailAddress: 'later@example.com', status: '4.2.2' }],
        },
      },
      'email.delayed',
    ],
    ['Open', { open: { timestamp: '2026-03-02T09:50:00.000Z', ipAddress: '192.0.2.1' } }, 'email.opened'],
    [
      'Click',
      { click: { timestamp: '2026-03-02T09:51:00.000Z', link: 'https://x.example/', ipAddress: '192.0.2.1' } },
      'email.clicked',
    ],
  ])('%s is noted without the address of a device', async (eventType, more, type) => {
    await deliverEvent(event(eventType, 'later@example.com', more));
    const noted = (await onTimeline('later@example.com')).find((one) => one.type === type);
    expect(noted).toBeDefined();
    expect(JSON.stringify(noted)).not.toContain('192.0.2.1');
  });

  test.each(['Rendering Failure', 'Subscription', 'Something New'])('%s means nothing here', async (eventType) => {
    expect(await deliverEvent(event(eventType, 'nobody@example.com', {}))).toBe('done');
    expect(await onTimeline('nobody@example.com')).toEqual([]);
  });

  test.each([
    ['no JSON', '{'],
    ['nothing of the mail service', { source: 'aws.ec2', detail: {} }],
    ['an incomplete delivery', event('Delivery', 'nobody@example.com', {})],
    [
      'a delivery at no time',
      event('Delivery', 'nobody@example.com', { delivery: { timestamp: 'soon', recipients: [] } }),
    ],
  ])('that is %s fails by itself', async (_, body) => {
    expect(await deliverEvent(body)).toBe('failed');
  });
});
