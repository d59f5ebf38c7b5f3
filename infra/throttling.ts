import type { HttpFunction, Operation } from '../shared/contracts/operations.ts';

/** How many requests one route takes, over all callers; what is more is answered 429 and costs the gateway's price only. */
export interface Throttle {
  perSecond: number;
  /** At once, after a pause. */
  burst: number;
}

/**
 * The throttle of a route. Routes that anybody on the internet may call are bounded by what a company's website needs,
 * so that a flood on one of them leaves room for telephones and agents; SDKs and mail programs try again after a 429.
 */
export function throttleOf({ function: name, method }: Operation): Throttle {
  return name === 'converse' && method === 'GET' ? polling : byFunction[name];
}

/** An open chat asks every few seconds for what is new. */
const polling: Throttle = { perSecond: 500, burst: 1000 };

const byFunction: Record<HttpFunction, Throttle> = {
  'collect-events': { perSecond: 1000, burst: 2000 },
  converse: { perSecond: 100, burst: 200 },
  // A hundred agents that each do something every second.
  'agent-api': { perSecond: 100, burst: 200 },
  'lookup-customer': { perSecond: 50, burst: 100 },
  // Each call reports itself several times.
  'receive-call': { perSecond: 100, burst: 200 },
  // Programs that check mails follow every link as soon as a campaign arrives.
  'manage-preferences': { perSecond: 200, burst: 1000 },
  'describe-api': { perSecond: 10, burst: 20 },
};

/** For what has no throttle of its own: requests that match no route. */
export const otherwise: Throttle = { perSecond: 10, burst: 20 };
