import type { Channel } from '../contracts/interaction.ts';
import type { ConversationCard } from '../conversation/conversationCard.ts';
import { cutText } from '../conversation/cutText.ts';
import type { Head } from './head.ts';
import { formatMoney } from './money.ts';
import { nameOf } from './preferences.ts';
import { type CustomerView, openCards } from './readCustomer.ts';

const quoteLength = 80;

/**
 * One English sentence for the person who answers: who, since when, worth what, what is open and where it ended.
 * Times are UTC and absolute, so the same state gives the same sentence.
 */
export function summarise(view: CustomerView): string {
  const { head } = view;
  const since = `known since ${dayOf(head.firstSeenMs)}`;
  return `${whoOf(head)}, ${since}, ${worthOf(head)}; ${openOf(openCards(view))}.`;
}

function whoOf({ preferences, identifiers }: Head): string {
  const reachable = identifiers.find(({ type }) => type === 'email' || type === 'phone');
  const userId = identifiers.find(({ type }) => type === 'userId');
  return (
    nameOf(preferences) ?? reachable?.value ?? (userId ? `Customer ${cutText(userId.value, 40)}` : 'Unnamed visitor')
  );
}

function worthOf({ byType, money }: Head): string {
  const orders = byType['order.completed'] ?? 0;
  if (orders === 0) return 'no orders yet';
  const sums = Object.entries(money)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([currency, { revenueMinor }]) => formatMoney(currency, revenueMinor));
  return `${orders} ${orders === 1 ? 'order' : 'orders'}${sums.length > 0 ? ` worth ${sums.join(' and ')}` : ''}`;
}

function openOf([latest, ...others]: readonly ConversationCard[]): string {
  if (latest === undefined) return 'no open conversation';
  const more = others.length === 0 ? '' : ` (and ${others.length} more open)`;
  return `${standingOf(latest)}${more}`;
}

function standingOf({ endedWith, owes, waitingSince, subject }: ConversationCard): string {
  const { by, channel, text } = endedWith;
  const at = momentOf(Date.parse(endedWith.at));
  const since = momentOf(Date.parse(waitingSince ?? endedWith.at));
  const words = `“${cutText(text, quoteLength)}”`;
  const where = channel === 'email' && subject ? ` by email on “${cutText(subject, quoteLength)}”` : through[channel];
  const event = `${withSmallInitial(cutText(text, quoteLength))} at ${at}`;
  if (owes === 'us') {
    if (channel !== 'voice') return `waiting for our answer${where} since ${since}: ${words}`;
    return since === at ? `waiting for our answer: ${event}` : `waiting for our answer since ${since}; last ${event}`;
  }
  if (channel === 'voice') return `nobody owes an answer, last ${event}`;
  const state = owes === 'customer' ? 'we wait for an answer' : 'nobody owes an answer';
  return `${state}, last words by the ${by}${where} at ${at}: ${words}`;
}

const through: Record<Channel, string> = {
  web: ' on web',
  email: ' by email',
  sms: ' by text message',
  voice: ' by phone',
  system: '',
};

/** A report of a call as part of a sentence: `missed call`. */
function withSmallInitial(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}

function dayOf(timeMs: number): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(timeMs);
}

function momentOf(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(11, 16)} UTC on ${dayOf(timeMs)}`;
}
