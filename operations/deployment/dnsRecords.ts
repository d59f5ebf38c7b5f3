import { type DeploymentSettings, domainOf, mailFromOf } from './settings.ts';

export interface DnsRecord {
  type: 'CNAME' | 'MX' | 'TXT';
  name: string;
  value: string;
  why: string;
}

/** The DKIM tokens of the sender's and of the receiving domain, as SES tells them. */
export interface DkimTokens {
  sender: readonly string[];
  receiver: readonly string[];
}

/** Every record that mail needs. The last, DMARC, is never made by the stack: it speaks for all who use the domain. */
export function dnsRecords(settings: DeploymentSettings, { receiver, sender }: DkimTokens): DnsRecord[] {
  const { alarmAddress, mailDomain, region, senderAddress } = settings;
  const senderDomain = domainOf(senderAddress);
  const mailFrom = mailFromOf(senderDomain);
  const dkim = (domain: string, tokens: readonly string[], why: string): DnsRecord[] =>
    tokens.map((token) => ({
      type: 'CNAME',
      name: `${token}._domainkey.${domain}`,
      value: `${token}.dkim.amazonses.com`,
      why,
    }));
  return [
    ...dkim(senderDomain, sender, 'signs mail of the sender'),
    ...(mailDomain === senderDomain ? [] : dkim(mailDomain, receiver, 'proves that the receiving domain is yours')),
    { type: 'MX', name: mailFrom, value: `10 feedback-smtp.${region}.amazonses.com`, why: 'bounces come back' },
    { type: 'TXT', name: mailFrom, value: '"v=spf1 include:amazonses.com ~all"', why: 'SPF: SES may send' },
    { type: 'MX', name: mailDomain, value: `10 inbound-smtp.${region}.amazonaws.com`, why: 'mail comes in' },
    {
      type: 'TXT',
      name: `_dmarc.${senderDomain}`,
      value: `"v=DMARC1; p=none; rua=mailto:${alarmAddress}"`,
      why: 'DMARC: unless the domain has one; later p=quarantine',
    },
  ];
}

/** A table for people. */
export function printRecords(records: readonly DnsRecord[]): string[] {
  const width = Math.max(...records.map(({ name }) => name.length));
  return records.map(({ name, type, value, why }) => `  ${type.padEnd(6)}${name.padEnd(width + 2)}${value}   (${why})`);
}
