import { byId, element } from './element.ts';
import { readLocalStory } from './localStory.ts';

const { keys, demo } = await readLocalStory();

const doors: { title: string; text: string; href: string }[] = [];
if (demo) {
  byId('story').textContent = demo.headline;
  doors.push({
    title: `${demo.visitor.name}’s timeline`,
    text: 'Every page, the order and the chat, in order, exactly once, with the context an agent needs.',
    href: '/demo/visitor',
  });
}
doors.push(
  {
    title: 'API',
    text: 'Every operation as an OpenAPI 3.1 document, made from the same schemas that check requests.',
    href: '/openapi.json',
  },
  {
    title: 'Cost',
    text: 'Read and write units of each function since the start, as DynamoDB bills them.',
    href: '/_local/metrics',
  },
);
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
