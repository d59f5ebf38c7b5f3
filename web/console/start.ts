import { byId, element } from './element.ts';
import { type LocalStory, readLocalStory } from './localStory.ts';

const { keys, demo } = await readLocalStory();
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const at = (time: string) => clock.format(new Date(time));

const doors: { title: string; text: string; href: string }[] = [];
if (demo) {
  const [lena, jonas] = demo.people;
  byId('story').textContent = storyOf(demo);
  if (lena) {
    doors.push(
      {
        title: 'The phone rings',
        text: `A number comes in; who it is and where it ended is on the screen at once. ${lena.name} calls first.`,
        href: '/demo/ring',
      },
      {
        title: `${lena.name}’s timeline`,
        text: 'Website, order, chat, call and mail in order, each exactly once, on one timeline.',
        href: '/demo/visitor',
      },
    );
  }
  if (jonas && demo.told.jonas) {
    doors.push(
      {
        title: `${jonas.name}’s timeline`,
        text: 'A missed call, the mail that followed by itself, and its delivery.',
        href: `/console/customer?identifier=${encodeURIComponent(jonas.identifier)}`,
      },
      {
        title: 'Mailbox',
        text: 'What was sent, as the recipient sees it: the vet’s answer to Lena’s mail, and the mail to Jonas, in German because he is.',
        href: '/_local/mailbox',
      },
    );
  }
  doors.push({
    title: 'Inbox',
    text: 'Open conversations of every channel, longest waiting first.',
    href: '/console/inbox',
  });
}
doors.push(
  {
    title: 'API',
    text: 'Every operation with an example, made from the same schemas that check requests.',
    href: '/docs',
  },
  {
    title: 'Cost',
    text: 'Read and write units of each function since the start, as DynamoDB bills them.',
    href: '/_local/metrics',
  },
);

/** The story as far as the timelines tell it. */
function storyOf({ told }: NonNullable<LocalStory['demo']>): string {
  const sentences = [
    told.lena
      ? `Lena Vogt asked in the website’s chat at ${at(told.lena.chattedAt)}, signed in, called at ${at(told.lena.calledAt)} and mailed at ${at(told.lena.mailedAt)}: one timeline.`
      : 'Lena Vogt looked around the veterinary practice’s website, ordered food for her cat Minka and asked in the chat.',
    told.jonas
      ? `Jonas Reuter called at ${at(told.jonas.calledAt)} and was missed; a mail in his language reached him at ${at(told.jonas.mailedAt)}.`
      : '',
    'Every step came in through a real front door.',
  ];
  return sentences.filter((sentence) => sentence !== '').join(' ');
}

byId('doors').append(
  ...doors.map(({ title, text, href }) =>
    element(
      'li',
      {},
      element('a', { class: 'card', href }, element('strong', {}, title), element('span', { class: 'small' }, text)),
    ),
  ),
);

const curl = `curl ${location.origin}/v1/track -u ${keys.serverWriteKey ?? ''}: \\
  -H 'content-type: application/json' \\
  -d '{"userId":"cust-17","event":"Appointment Booked","messageId":"try-1","properties":{"animal":"Minka","reason":"vaccination"}}'

curl '${location.origin}/customers?identifier=userId:cust-17' -H 'authorization: Bearer ${keys.agentApiKey ?? ''}'`;
byId('curl').textContent = curl;
byId('copy').addEventListener('click', () => {
  void navigator.clipboard.writeText(curl).then(() => {
    byId('copy').textContent = 'Copied';
  });
});

byId('keys').append(
  ...Object.entries(keys).flatMap(([name, value]) => [
    element('dt', {}, name),
    element('dd', {}, element('code', {}, value)),
  ]),
);
