import { GetParametersByPathCommand, SSMClient } from '@aws-sdk/client-ssm';
import { jonas, lena, story } from '../../local/demo/story.ts';
import { clientSettings } from '../../local/events/awsNames.ts';
import { type Private, piecesOf } from './personalData.ts';
import type { TestPlatform } from './platform.ts';

/** Everything of the people of the demo that belongs in no log, no metric and no key. */
export function privateInStory(): Private[] {
  const people = [lena, jonas].flatMap((who) => privateOf(who));
  const said = story.flatMap((step): Private[] => {
    if ('text' in step) {
      const subject = 'subject' in step ? [{ what: `subject at ${step.minute}`, value: step.subject }] : [];
      return [...piecesOf(`text at ${step.minute}`, step.text), ...subject];
    }
    if (step.does === 'views') return [{ what: `page at ${step.minute}`, value: step.title }];
    if (step.does === 'tracks')
      return textsIn(step.properties).map((value) => ({ what: `event at ${step.minute}`, value }));
    return [];
  });
  return [
    ...people,
    ...said.filter(({ value }) => value.length > 8),
    { what: 'browser of Lena', value: lena.anonymousId },
    { what: 'order of Lena', value: 'LH-20417' },
    { what: 'agent', value: 'Dr. Amsel' },
    { what: 'agent', value: 'Amsel' },
  ];
}

/** A person whose messages are refused or break. */
export const nele = {
  name: 'Nele Schreiber',
  userId: 'cust-4711',
  email: 'nele.schreiber@example.net',
  phone: '+4915123456789',
  animal: 'Zausel',
  text: 'Zausel has eaten a whole bar of chocolate and trembles.',
};

export function privateOf(who: Pick<typeof nele, 'name' | 'userId' | 'email' | 'phone' | 'animal'>): Private[] {
  const [first = '', last = ''] = who.name.split(' ');
  return [
    { what: `name of ${first}`, value: who.name },
    { what: `first name of ${first}`, value: first },
    { what: `last name of ${first}`, value: last },
    { what: `email of ${first}`, value: who.email },
    { what: `mailbox of ${first}`, value: who.email.replace(/@.*/, '') },
    { what: `phone of ${first}`, value: who.phone, isNumber: true },
    { what: `user id of ${first}`, value: who.userId },
    { what: `animal of ${first}`, value: who.animal },
  ];
}

/** Keys that were handed out, the parameters that hold secrets, and what the mails carry to be recognised by. */
export async function secretsOf(platform: TestPlatform): Promise<Private[]> {
  const given = Object.entries(platform.keys).map(([name, value]) => ({ what: name, value }));
  return [...given, ...(await secretParameters(platform)), ...(await tokensInMails(platform))];
}

async function secretParameters(platform: TestPlatform): Promise<Private[]> {
  const client = new SSMClient(clientSettings(platform.endpoints.ssm));
  const path = { Path: '/throughline', Recursive: true, WithDecryption: true };
  const { Parameters = [] } = await client.send(new GetParametersByPathCommand(path));
  client.destroy();
  return Parameters.flatMap(({ Name, Value = '' }) =>
    textsIn(parsed(Value))
      .filter((text) => /^[\w+/=.-]{20,}$/.test(text))
      .map((value) => ({ what: `parameter ${Name}`, value })),
  );
}

async function tokensInMails(platform: TestPlatform): Promise<Private[]> {
  const response = await fetch(`${platform.url}/_local/mailbox`, { headers: { accept: 'application/json' } });
  const { messages } = (await response.json()) as { messages: { raw: string; text: string }[] };
  return messages.flatMap(({ raw, text }) => {
    const replies = [...raw.matchAll(/reply\+([a-z2-7]{48})@/g)];
    const links = [...text.matchAll(/https?:\/\/\S+\/(?:unsubscribe|resume)\/([\w.-]+)/g)];
    return [...replies, ...links].map(([, value = '']) => ({ what: 'token in a mail', value }));
  });
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
