/** What becomes of a message at one recipient. */
export type Outcome = 'delivered' | 'bounced' | 'complained' | 'suppressed';

const outcomes: Record<string, Outcome> = {
  success: 'delivered',
  ooto: 'delivered',
  bounce: 'bounced',
  complaint: 'complained',
  suppressionlist: 'suppressed',
};

/** SES's mailbox simulator, labels included (`bounce+minka@simulator.amazonses.com`); everybody else receives. */
export function outcomeFor(address: string): Outcome {
  const [, name = ''] = /^([a-z]+)(?:\+[^@]*)?@simulator\.amazonses\.com$/i.exec(address) ?? [];
  return outcomes[name.toLowerCase()] ?? 'delivered';
}
