/** Who the demo's story is about: two customers of a veterinary practice. */
export interface Character {
  name: string;
  userId: string;
  email: string;
  /** E.164. */
  phone: string;
  /** As the practice's telephone shows it. */
  phoneShown: string;
  language: string;
  animal: string;
}

export const lena: Character & { anonymousId: string } = {
  name: 'Lena Vogt',
  userId: 'cust-17',
  email: 'lena.vogt@example.com',
  phone: '+493023125117',
  phoneShown: '030 23125 117',
  language: 'en',
  animal: 'Minka',
  anonymousId: '6f1c9a52-7d0e-4c0b-9b3e-2f8a41d7c6e5',
};

export const jonas: Character = {
  name: 'Jonas Reuter',
  userId: 'cust-42',
  email: 'jonas.reuter@example.com',
  phone: '+491713920044',
  phoneShown: '0171 3920044',
  language: 'de',
  animal: 'Balu',
};

export const practice = {
  phone: '+493023125000',
  /** Where calls are put through to. */
  desk: '+493023125001',
  mailbox: 'praxis',
  site: 'https://lindenhof-vets.example',
};

/** One step of the story, in minutes after its beginning; the whole takes an hour. */
export type StoryStep = { minute: number } & (
  | { does: 'views'; path: string; title: string }
  | { does: 'tracks'; event: string; properties: Record<string, unknown> }
  | { does: 'introduces herself'; traits: Record<string, string> }
  | { does: 'opens the chat' }
  | { does: 'writes'; text: string }
  /** In the chat, or what she last wrote, wherever that was. */
  | { does: 'is answered'; where: 'chat' | 'mail'; agent: string; text: string }
  /** As the widget does while it is open. */
  | { does: 'reads the chat' }
  /** On the website: the page says who signed in, and the practice's server says whose account it is. */
  | { does: 'signs in' }
  /** The practice's server tells who a customer is. */
  | { does: 'is registered'; who: Character }
  | { does: 'calls'; who: Character; answered?: { afterSeconds: number; talkedSeconds: number } }
  /** To the practice, or to where the last mail to her asks replies to go. */
  | { does: 'mails'; who: Character; subject: string; text: string; isReply?: true }
);

export const story: readonly StoryStep[] = [
  { minute: 1, does: 'is registered', who: jonas },
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
  { minute: 14, does: 'introduces herself', traits: { name: lena.name, language: lena.language } },
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
  { minute: 21, does: 'views', path: '/contact', title: 'Contact and opening hours' },
  { minute: 23, does: 'opens the chat' },
  {
    minute: 24,
    does: 'writes',
    text: 'Hello, Minka has been sneezing since yesterday but eats normally. Should I bring her in before her vaccination on Friday?',
  },
  {
    minute: 28,
    does: 'is answered',
    where: 'chat',
    agent: 'Dr. Amsel',
    text: 'Hello Lena, thank you for asking first. Please bring Minka in tomorrow at 9:20, ten minutes are enough. If she still sneezes we move the vaccination by a week.',
  },
  { minute: 29, does: 'reads the chat' },
  { minute: 30, does: 'writes', text: 'Tomorrow 9:20 works, thank you! Does she have to be fasting?' },
  { minute: 33, does: 'views', path: '/account', title: 'Your account' },
  { minute: 34, does: 'signs in' },
  { minute: 41, does: 'calls', who: lena, answered: { afterSeconds: 9, talkedSeconds: 147 } },
  { minute: 47, does: 'calls', who: jonas },
  {
    minute: 51,
    does: 'mails',
    who: lena,
    subject: 'Minka tomorrow at 9:20',
    text: 'Dear Dr. Amsel,\n\nthank you for your time on the phone. Minka has stopped sneezing.\nMay she have her usual breakfast tomorrow?\n\nBest wishes\nLena Vogt',
  },
  {
    minute: 53,
    does: 'is answered',
    where: 'mail',
    agent: 'Dr. Amsel',
    text: 'Dear Lena,\n\nthat is good news. Yes, Minka may eat as always, we only listen to her lungs.\nPlease take the entrance on the courtyard: the front door is being painted.\n\nSee you tomorrow at 9:20\nMaria Amsel',
  },
  {
    minute: 56,
    does: 'mails',
    who: lena,
    subject: 'Re: Minka tomorrow at 9:20',
    text: 'Thank you, we will find the courtyard. Her carrier stands ready.\nShall I bring her vaccination card tomorrow?\n\nBest wishes\nLena Vogt',
    isReply: true,
  },
];

export const storyMinutes = 60;
