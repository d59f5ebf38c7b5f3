import { type Chance, createChance } from './chance.ts';
import { commands, type Deed, type OwnedIdentifier } from './deeds.ts';
import { type Life, lives, type Mix, mixes, weights } from './lives.ts';

export interface Step {
  number: number;
  /** How long after the one before it begins. */
  afterMs: number;
  /** How far the client's clock is from ours, or how long ago it happened. */
  skewMs: number;
  /** How often it is sent again although it was answered. */
  repeats: number;
  deed: Deed;
}

/** How things go in one run, beside what is done. */
export interface Weather {
  /** Of one request. */
  faultProbability: number;
  /** How readily the stream is read: from hardly until all is said, to at once. */
  readiness: number;
  /** Whether a batch takes the next changes or any. */
  isOrderly: boolean;
  /** Of a delivered change, to be delivered again. */
  repetition: number;
  mostPerBatch: number;
  /** Requests from outside that are under way at the same time. */
  mostActors: number;
  /** How soon requests are carried out on which everybody gave up: within some steps, or hardly before all is said. */
  belatedness: number;
}

export interface History {
  /** Which life is led. */
  life: keyof typeof mixes;
  weather: Weather;
  steps: Step[];
}

const secondMs = 1000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

interface Person {
  user: string;
  emails: string[];
  phone: string;
  browsers: string[];
  name: string;
}

const subjects = ['Minka', 'Re: Minka', 'AW: minka', 'Invoice 17', ''];

/** What happens in the run of a seed. */
export function createHistory(seed: number): History {
  const chance = createChance(seed);
  const life = chance.weighed(weights);
  const people = createPeople(chance, seed, lives[life]);
  const length = chance.between(...lives[life].steps);
  const steps: Step[] = [];
  while (steps.length < length) {
    for (const { afterMs = pauseOf(chance), deed } of nextDeeds(chance, people, steps, mixes[life])) {
      steps.push({ number: steps.length, afterMs, skewMs: skewOf(chance, deed), repeats: repeatsOf(chance), deed });
    }
  }
  return {
    life,
    weather: {
      faultProbability: chance.pick([0, 0.02, 0.06, 0.06, 0.15, 0.3]),
      readiness: chance.pick([0.02, 0.3, 1, 1, 3]),
      isOrderly: chance.happens(0.4),
      repetition: chance.pick([0, 0.05, 0.3]),
      mostPerBatch: chance.pick([1, 3, 10, 30]),
      mostActors: chance.pick([1, 3, 3, 6]),
      belatedness: chance.pick([0.3, 0.3, 0.01]),
    },
    steps,
  };
}

function identifiersOf(people: readonly Person[]): OwnedIdentifier[] {
  return people.flatMap(({ user, emails, phone, browsers }): OwnedIdentifier[] => [
    { type: 'userId', value: user },
    ...emails.map((value): OwnedIdentifier => ({ type: 'email', value })),
    { type: 'phone', value: phone },
    ...browsers.map((value): OwnedIdentifier => ({ type: 'anonymousId', value })),
  ]);
}

function createPeople(chance: Chance, seed: number, { browsers, people: most }: Life): Person[] {
  const people = Array.from({ length: chance.between(1, most) }, (_, index): Person => {
    // Names differ from seed to seed, so that leaves sort differently.
    const name = `${seed % 1000}-${index}`;
    return {
      user: `user-${name}`,
      emails: chance.happens(0.4) ? [`p${name}@example.com`, `p${name}@work.example`] : [`p${name}@example.com`],
      phone: `+4930${String(2_312_500 + index)}${String(seed % 1000).padStart(3, '0')}`,
      browsers: Array.from({ length: chance.between(...browsers) }, (_, number) => `browser-${name}-${number}`),
      name: `Person ${index}`,
    };
  });
  const [first, second] = people;
  // A household.
  if (first && second && chance.happens(0.3)) second.phone = first.phone;
  return people;
}

/** What is done next; the reports of a call come together. */
function nextDeeds(
  chance: Chance,
  people: readonly Person[],
  steps: readonly Step[],
  mix: Mix,
): { deed: Deed; afterMs?: number }[] {
  const one = (deed: Deed) => [{ deed }];
  const person = chance.pick(people);
  const { emails, name, phone, user } = person;
  const browser = chance.pick(person.browsers);
  const maybe = <T>(value: T, probability = 0.5): T | undefined => (chance.happens(probability) ? value : undefined);
  const anyone = chance.pick(people);
  const does = chance.weighed(mix);
  switch (does) {
    case 'identify':
      // Now and then somebody else's.
      return one({
        does: 'identify',
        user,
        ...present({
          browser: maybe(browser),
          email: maybe(chance.pick(chance.happens(0.1) ? anyone.emails : emails)),
          phone: maybe(phone),
        }),
        name,
      });
    case 'browse':
      return one({
        does: 'browse',
        browser,
        ...present({ claimedUser: maybe(user, 0.3) }),
        events: Array.from({ length: chance.between(1, 5) }, () =>
          chance.weighed({ page: 6, order: 1, event: 2 } as const),
        ),
      });
    case 'claim':
      return one({ does: 'claim', user });
    case 'session':
      return one({
        does: 'session',
        browser,
        ...present({ user: maybe(user, 0.8), email: maybe(chance.pick(emails)), name: maybe(name, 0.3) }),
        isSigned: chance.happens(0.7),
      });
    case 'chat':
      return one({ does: 'chat', browser, ...present({ user: maybe(user) }), isSigned: chance.happens(0.6) });
    case 'mail':
      return one({
        does: 'mail',
        email: chance.pick(emails),
        isProven: chance.happens(0.75),
        subject: chance.pick(subjects),
        isAutomatic: chance.happens(0.1),
        name,
        ...present({ refersTo: maybe(earlier(chance, steps, ['answer', 'answer', 'mail', 'chat']), 0.3) }),
      });
    case 'call': {
      const call = `CA${steps.length}`;
      const stages = chance.pick([
        ['ringing', 'in-progress', 'completed'],
        ['ringing', 'no-answer'],
        ['in-progress', 'completed'],
        ['no-answer'],
      ] as const);
      return shuffled(chance, stages).map((stage) => ({
        deed: { does: 'call', phone, call, stage },
        afterMs: chance.between(0, 20) * secondMs,
      }));
    }
    case 'text':
      return one({ does: 'text', phone });
    case 'link':
    case 'unlink': {
      const all = identifiersOf(chance.happens(0.8) ? [person] : people);
      const [a, b] = [chance.pick(all), chance.pick(all)];
      return a.value === b.value ? [] : one({ does, a, b });
    }
    case 'deliver': {
      const to = earlier(chance, steps, ['answer']);
      return to === undefined ? [] : one({ does, to });
    }
    case 'reply':
    case 'resume': {
      const told = chance.happens(0.5) ? undefined : earlier(chance, steps, ['deliver']);
      // Where nothing was mailed that could be answered, it begins with what is asked and answered.
      const asked: Deed[] =
        does === 'reply'
          ? [
              {
                does: 'mail',
                email: chance.pick(emails),
                isProven: chance.happens(0.8),
                subject: 'Minka',
                isAutomatic: false,
                name,
              },
            ]
          : [
              { does: 'session', browser, email: chance.pick(emails), isSigned: false },
              { does: 'chat', browser, isSigned: false },
            ];
      const [question, answer] = [steps.length + asked.length - 1, steps.length + asked.length];
      const story: Deed[] = [...asked, { does: 'answer', to: question }, { does: 'deliver', to: answer }];
      const to = told ?? answer + 1;
      // Two may click at once, in one browser or in two.
      const clicks = [browser, ...(chance.happens(0.5) ? [chance.pick(anyone.browsers)] : [])];
      const reply: Deed = {
        does: 'reply',
        to,
        ...present({ otherEmail: maybe(chance.pick(anyone.emails), 0.35) }),
        isProven: chance.happens(0.85),
        isAutomatic: chance.happens(0.1),
        name,
      };
      const done = does === 'reply' ? [reply] : clicks.map((one): Deed => ({ does, to, browser: one }));
      return [...(told === undefined ? story : []), ...done].map((deed) => ({
        deed,
        afterMs: chance.between(0, 2 * minuteMs),
      }));
    }
    case 'answer':
    case 'command': {
      const to = earlier(chance, steps, ['chat', 'mail', 'call', 'text']);
      if (to === undefined) return [];
      // Most answers are mailed.
      const mailing = { deed: { does: 'deliver', to: steps.length } } as const;
      if (does === 'answer') return [{ deed: { does, to } }, ...(chance.happens(0.6) ? [mailing] : [])];
      const command = chance.pick(commands);
      const into = command === 'merge' ? earlier(chance, steps, ['chat', 'mail', 'call', 'text']) : undefined;
      return one({ does: command, to, ...present({ into }) });
    }
  }
}

/** An earlier step of one of these kinds, rather a recent one. */
function earlier(chance: Chance, steps: readonly Step[], kinds: readonly string[]): number | undefined {
  const found = steps.filter(({ deed }) => kinds.includes(deed.does));
  return found.length === 0 ? undefined : chance.pick(chance.happens(0.7) ? found.slice(-4) : found).number;
}

function pauseOf(chance: Chance): number {
  switch (chance.weighed({ moment: 45, minutes: 25, hours: 16, days: 10, weeks: 4 })) {
    case 'moment':
      return chance.between(0, 2 * secondMs);
    case 'minutes':
      return chance.between(0, 10 * minuteMs);
    case 'hours':
      return chance.between(0, 9 * hourMs);
    case 'days':
      return chance.between(0, 5 * dayMs);
    case 'weeks':
      return chance.between(13 * dayMs, 35 * dayMs);
  }
}

function skewOf(chance: Chance, { does }: Deed): number {
  if (does !== 'chat' && does !== 'browse' && does !== 'identify') return 0;
  switch (chance.weighed({ none: 70, slow: 10, hours: 6, late: 6, fast: 5, future: 3 })) {
    case 'none':
      return 0;
    case 'slow':
      return -chance.between(0, 10 * minuteMs);
    case 'hours':
      return -chance.between(0, 70 * hourMs);
    case 'late':
      return -chance.between(73 * hourMs, 20 * dayMs);
    case 'fast':
      return chance.between(0, 9 * minuteMs);
    case 'future':
      return chance.between(11 * minuteMs, 3 * hourMs);
  }
}

function repeatsOf(chance: Chance): number {
  return chance.happens(0.15) ? chance.between(1, 2) : 0;
}

function shuffled<T>(chance: Chance, list: readonly T[]): T[] {
  const left = [...list];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(chance.happens(0.6) ? 0 : chance.between(0, left.length - 1), 1));
  return order;
}

type Present<T> = { [Name in keyof T]?: Exclude<T[Name], undefined> };

function present<T extends Record<string, unknown>>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
