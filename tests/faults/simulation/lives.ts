import type { Command, Deed } from './deeds.ts';

export type Mix = Record<Exclude<Deed['does'], Command> | 'command', number>;

/** How often what is done: what rarely meets in everyday life meets often in another. */
export const mixes = {
  everyday: {
    identify: 12,
    browse: 8,
    claim: 1,
    session: 10,
    chat: 26,
    mail: 16,
    call: 8,
    text: 6,
    answer: 14,
    deliver: 4,
    reply: 6,
    resume: 5,
    command: 12,
    link: 2,
    unlink: 6,
  },
  /** Who is who changes all the time, and little is said. */
  relations: {
    identify: 20,
    browse: 2,
    claim: 1,
    session: 14,
    chat: 10,
    mail: 6,
    call: 3,
    text: 3,
    answer: 3,
    deliver: 4,
    reply: 4,
    resume: 5,
    command: 4,
    link: 14,
    unlink: 16,
  },
  /** Few people, more than a head remembers of them. */
  talkative: {
    identify: 2,
    browse: 14,
    claim: 0,
    session: 3,
    chat: 40,
    mail: 14,
    call: 4,
    text: 4,
    answer: 14,
    deliver: 5,
    reply: 5,
    resume: 3,
    command: 8,
    link: 0.5,
    unlink: 1,
  },
  /** One account on more browsers than a customer may have. */
  crowded: {
    identify: 50,
    browse: 6,
    claim: 0,
    session: 14,
    chat: 14,
    mail: 3,
    call: 0,
    text: 0,
    answer: 5,
    deliver: 1,
    reply: 1,
    resume: 2,
    command: 3,
    link: 2,
    unlink: 3,
  },
  /** Somebody who is linked and parted by agents all the time, and goes on talking. */
  wavering: {
    identify: 2,
    browse: 2,
    claim: 0,
    session: 4,
    chat: 20,
    mail: 14,
    call: 0,
    text: 6,
    answer: 10,
    deliver: 3,
    reply: 4,
    resume: 2,
    command: 8,
    link: 24,
    unlink: 24,
  },
} as const satisfies Record<string, Mix>;

/** How often a life is led, with how many people, browsers of each, and steps at least and at most. */
export const lives = {
  everyday: { weight: 60, people: 4, browsers: [1, 2], steps: [6, 34] },
  relations: { weight: 30, people: 4, browsers: [1, 2], steps: [6, 34] },
  talkative: { weight: 10, people: 1, browsers: [1, 2], steps: [40, 70] },
  crowded: { weight: 4, people: 2, browsers: [24, 32], steps: [45, 90] },
  wavering: { weight: 10, people: 1, browsers: [1, 1], steps: [10, 40] },
} satisfies Record<keyof typeof mixes, Life>;

export interface Life {
  weight: number;
  people: number;
  browsers: [number, number];
  steps: [number, number];
}

/** By life. */
export const weights = Object.fromEntries(Object.entries(lives).map(([name, { weight }]) => [name, weight])) as Record<
  keyof typeof lives,
  number
>;
