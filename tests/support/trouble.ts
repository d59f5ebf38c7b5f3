import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { marshall } from '@aws-sdk/util-dynamodb';
import { createFrontDoors } from '../../local/demo/frontDoors.ts';
import { signTwilio } from '../../local/demo/signTwilio.ts';
import { engineClient } from '../../local/engine/createTable.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import { said } from './leafInteractions.ts';
import type { Private } from './personalData.ts';
import type { TestPlatform } from './platform.ts';
import { nele } from './privateInStory.ts';
import { itemOf } from './projection.ts';

/*
 * What goes wrong on each channel while a person's data is at hand: requests that are refused, messages that nobody can
 * read, a table that does not answer.
 */

/** Everything of her in one value, to be put where it does not belong. */
const everything = { ...nele, more: `${nele.name} <${nele.email}> ${nele.phone}: ${nele.text}` };

/** Plays all of it and waits for what follows; answers the session that was opened for it. */
export async function makeTrouble(platform: TestPlatform): Promise<Private[]> {
  const { post, session } = await openDoors(platform);
  await refusedEvents(post);
  await refusedChat(post, session);
  await refusedCalls(platform, post);
  await refusedAgents(platform);
  await unreadableMails(platform);
  await poisonedQueues(platform);
  await poisonedStream(platform);
  await brokenTable(platform, post);
  await platform.drain(60_000);
  return [{ what: 'session of a browser', value: session }];
}

/** Posts what is to be refused, as the sender whose place it is unless headers say otherwise. */
type Post = (path: string, body: string, headers?: Record<string, string>) => Promise<void>;

async function openDoors(platform: TestPlatform): Promise<{ post: Post; session: string }> {
  const doors = createFrontDoors(platform.url, platform.keys);
  const { token } = await doors.browser('/widget/session', {
    anonymousId: 'browser-of-nele-0123456789',
    language: 'de',
  });
  const post: Post = async (path, body, headers = {}) => {
    const response = await fetch(platform.url + path, { method: 'POST', body, headers });
    const text = await response.text();
    if (response.ok && !text.includes('"rejected":['))
      throw new Error(`${path} was answered ${response.status} ${text}`);
  };
  return { session: String(token), post: authorised(platform, String(token), post) };
}

/** Adds the credential that belongs to the path where none is given. */
function authorised({ keys }: TestPlatform, session: string, post: Post): Post {
  const basic = (name: string) => `Basic ${Buffer.from(`${keys[name]}:`).toString('base64')}`;
  return (path, body, headers = {}) => {
    const ofPath = path.startsWith('/v1/')
      ? basic('serverWriteKey')
      : path === '/widget/session'
        ? basic('browserWriteKey')
        : path.startsWith('/widget/')
          ? `Bearer ${session}`
          : `Bearer ${keys.agentApiKey}`;
    return post(path, body, { authorization: ofPath, ...headers });
  };
}

async function refusedEvents(post: Post): Promise<void> {
  await post('/v1/identify', `{"userId": "${nele.userId}", traits: ${nele.email}\n    at ${nele.email}`);
  await post('/v1/track', JSON.stringify({ userId: nele.userId, properties: everything }));
  await post('/v1/identify', JSON.stringify({ userId: { id: nele.email }, traits: nele.text }));
  await post(`/v1/${encodeURIComponent(nele.email)}`, '{}');
  await post('/v1/identify', JSON.stringify({ writeKey: nele.email }), { authorization: `Basic ${nele.phone}` });
  const batch = [
    { type: 'identify', userId: nele.userId, traits: everything },
    { type: nele.email, userId: nele.phone },
  ];
  await post('/v1/batch', JSON.stringify({ batch }));
}

async function refusedChat(post: Post, session: string): Promise<void> {
  await post('/widget/session', JSON.stringify({ anonymousId: '', claims: { email: nele.text, phone: nele.name } }));
  const forged = { anonymousId: 'browser-of-nele', userId: nele.userId, userHash: 'forged' };
  await post('/widget/session', JSON.stringify(forged));
  await post('/widget/messages', JSON.stringify({ messageId: nele.email, text: [nele.text] }));
  const stale = { authorization: `Bearer ${session.slice(0, -4)}${nele.animal}` };
  await post('/widget/messages', JSON.stringify({ messageId: '1', text: nele.text }), stale);
  await post('/widget/resume', JSON.stringify({ token: nele.email }));
}

async function refusedCalls({ keys, url }: TestPlatform, post: Post): Promise<void> {
  const form = { CallSid: 'CA1', From: nele.phone, To: '+493023125000', CallStatus: 'ringing', CallerName: nele.name };
  const signed = (path: string, parameters: Record<string, string>) => ({
    'x-twilio-signature': signTwilio(keys.twilioAuthToken ?? '', url + path, parameters),
    'content-type': 'application/x-www-form-urlencoded',
  });
  const body = (parameters: Record<string, string>) => new URLSearchParams(parameters).toString();
  const refused = { ...signed('/voice/twilio/voice', form), 'x-twilio-signature': 'refused' };
  await post('/voice/twilio/voice', body(form), refused);
  const { CallSid: _, ...unknown } = form;
  await post('/voice/twilio/status', body(unknown), signed('/voice/twilio/status', unknown));
  const sms = { From: nele.phone, To: '+493023125000', Body: nele.text };
  await post('/voice/twilio/sms', body(sms), signed('/voice/twilio/sms', sms));
}

async function refusedAgents({ keys, url }: TestPlatform): Promise<void> {
  const as = (key: string | undefined) => ({ authorization: `Bearer ${key}`, 'content-type': 'application/json' });
  const email = encodeURIComponent(nele.email);
  const phone = encodeURIComponent(nele.phone);
  const body = JSON.stringify(everything);
  const requests: [string, RequestInit][] = [
    [`/customers?identifier=email:${email}`, { headers: as(keys.agentApiKey) }],
    [`/customers?identifier=${email}`, { headers: as(keys.agentApiKey) }],
    [`/customers?query=${encodeURIComponent(nele.name)}`, { headers: as(keys.agentApiKey) }],
    [`/customers/${email}`, { headers: as(keys.agentApiKey) }],
    [`/customers?query=${email}`, { headers: as(nele.email) }],
    [`/customers/${email}/links`, { method: 'POST', headers: as(keys.agentApiKey), body }],
    [`/conversations/${email}/messages`, { method: 'POST', headers: as(keys.agentApiKey), body }],
    ['/conversations', { method: 'POST', headers: as(keys.agentApiKey), body }],
    [`/lookup?number=${phone}`, { headers: as(keys.lookupKey) }],
    [`/lookup?number=${email}&key=${phone}`, {}],
    [`/lookup?email=${email}`, { headers: as(keys.lookupKey) }],
    [`/unsubscribe/${email}`, {}],
    [`/unsubscribe/${email}`, { method: 'POST', body: new URLSearchParams({ email: nele.email }) }],
    [`/resume/${email}`, {}],
    [`/${email}`, {}],
  ];
  for (const [path, init] of requests) await (await fetch(url + path, init)).text();
}

async function unreadableMails({ inboundDomain, url }: TestPlatform): Promise<void> {
  const envelope = new URLSearchParams({ from: nele.email, recipient: `praxis@${inboundDomain}` });
  const boundary = 'Content-Type: multipart/mixed; boundary="never';
  const mails = [
    `${nele.text}\r\n`,
    `From: ${nele.name} <${nele.email}>\r\nSubject: =?x-none?B?${nele.animal}?=\r\n${boundary}\r\n\r\n--never\r\n${nele.text}`,
    `From: ${nele.name} <<${nele.email}\r\nTo: ${nele.phone}\r\nMessage-ID: ${nele.email}\r\n\r\n${nele.text}\r\n`,
  ];
  for (const body of mails) await (await fetch(`${url}/_local/email?${envelope}`, { method: 'POST', body })).text();
}

/** What lies in a queue and is no message of it, first as text, then as JSON of another shape. */
async function poisonedQueues(platform: TestPlatform): Promise<void> {
  const sqs = new SQSClient(clientSettings(platform.endpoints.sqs));
  const announced = {
    notificationType: 'Received',
    mail: { source: nele.email, messageId: nele.phone },
    receipt: everything,
  };
  const event = {
    source: 'aws.ses',
    'detail-type': 'Email Bounced',
    detail: { eventType: 'Bounce', mail: { destination: [nele.email] }, bounce: everything },
  };
  const bodies = [
    `${nele.email}\n    at ${nele.email} (${nele.text})`,
    JSON.stringify({ Type: 'Notification', Message: JSON.stringify(announced) }),
    JSON.stringify(event),
    JSON.stringify({ playbook: nele.name, step: nele.email, occasion: nele.text, customerId: nele.phone }),
    JSON.stringify({ answer: nele.email }),
    JSON.stringify({ leaf: nele.email, attempt: 1 }),
  ];
  const queues = platform.deployment
    .ofType('AWS::Lambda::EventSourceMapping')
    .map(({ properties }) => String(properties.EventSourceArn))
    .filter((arn) => arn.includes(':sqs:'));
  for (const arn of queues) {
    const QueueUrl = platform.deployment.byArn(arn)?.physicalId;
    for (const MessageBody of bodies) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }));
  }
  sqs.destroy();
  await platform.drain(60_000);
}

/** An interaction in the table that nobody can read. */
async function poisonedStream(platform: TestPlatform): Promise<void> {
  const client = engineClient(platform.endpoints.dynamodb);
  const interaction = said(nele.text, platform.clock.now(), { leaf: 'poisonpoisonpoisonpoi0' });
  const item = { ...itemOf(interaction), content: `${nele.email}: ${nele.text}` };
  const TableName = platform.deployment.ofType('AWS::DynamoDB::GlobalTable')[0]?.physicalId;
  await client.send(new PutItemCommand({ TableName, Item: marshall(item, { removeUndefinedValues: true }) }));
  client.destroy();
  await platform.drain(60_000);
}

/** The table answers with faults until the SDK gives up. */
async function brokenTable(platform: TestPlatform, post: Post): Promise<void> {
  platform.faults.failTableCalls({ times: 20, kind: 'server-error', function: 'collect-events' });
  await post('/v1/identify', JSON.stringify({ messageId: 'of-nele', userId: nele.userId, traits: everything }));
  platform.faults.clear();
}
