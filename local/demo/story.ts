/** Who the demo's story is about: a visitor of the veterinary practice's website. */
export const visitor = { name: 'Lena Vogt', anonymousId: '6f1c9a52-7d0e-4c0b-9b3e-2f8a41d7c6e5' };

export const headline =
  'In the last hour Lena Vogt looked around the veterinary practice’s website, ordered food for her cat Minka and asked a question in the chat. The practice answered. Every step came in through a real front door and stands on one timeline.';

/** One step of the story, in minutes after its beginning; the whole takes an hour. */
export type StoryStep = { minute: number } & (
  | { does: 'views'; path: string; title: string }
  | { does: 'tracks'; event: string; properties: Record<string, unknown> }
  | { does: 'introduces herself'; traits: Record<string, string> }
  | { does: 'opens the chat' }
  | { does: 'writes'; text: string }
  | { does: 'is answered'; agent: string; text: string }
);

export const site = 'https://lindenhof-vets.example';

export const story: readonly StoryStep[] = [
  { minute: 2, does: 'views', path: '/', title: 'Lindenhof Veterinary Practice' },
  { minute: 3, does: 'views', path: '/cats/vaccinations', title: 'Vaccinations for cats' },
  { minute: 5, does: 'tracks', event: 'Vaccination Plan Downloaded', properties: { animal: 'cat', format: 'pdf' } },
  { minute: 9, does: 'views', path: '/shop/cat-food', title: 'Cat food · Shop' },
  {
    minute: 11,
    does: 'tracks',
    event: 'Product Added',
    properties: {
      product_id: 'renal-2kg',
      name: 'Renal diet for cats, 2 kg',
      price: 24.9,
      quantity: 2,
      currency: 'EUR',
    },
  },
  { minute: 14, does: 'introduces herself', traits: { name: visitor.name, language: 'en' } },
  {
    minute: 15,
    does: 'tracks',
    event: 'Order Completed',
    properties: {
      order_id: 'LH-20417',
      total: 54.7,
      revenue: 49.8,
      shipping: 4.9,
      currency: 'EUR',
      products: [{ product_id: 'renal-2kg', name: 'Renal diet for cats, 2 kg', price: 24.9, quantity: 2 }],
    },
  },
  { minute: 31, does: 'views', path: '/contact', title: 'Contact and opening hours' },
  { minute: 33, does: 'opens the chat' },
  {
    minute: 34,
    does: 'writes',
    text: 'Hello, Minka has been sneezing since yesterday but eats normally. Should I bring her in before her vaccination on Friday?',
  },
  {
    minute: 39,
    does: 'is answered',
    agent: 'Dr. Amsel',
    text: 'Hello Lena, thank you for asking first. Please bring Minka in tomorrow at 9:20, ten minutes are enough. If she still sneezes we move the vaccination by a week.',
  },
  { minute: 41, does: 'writes', text: 'Tomorrow 9:20 works, thank you! Does she have to be fasting?' },
  { minute: 44, does: 'views', path: '/directions', title: 'How to find us' },
];

export const storyMinutes = 60;
