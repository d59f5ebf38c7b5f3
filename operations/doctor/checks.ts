import { domainOf, mailFromOf } from '../deployment/settings.ts';
import { keyChecks } from './keyChecks.ts';
import type { MailIdentity } from './ports.ts';
import { type Check, type Finding, green, red } from './runChecks.ts';

/** Lambda keeps 100 for everybody; a new account may have 10 in all. */
const wantedConcurrency = 100;
const addRecords = 'Enter the DNS records that npm run deploy printed (npm run deploy -- --records prints them again).';

/** The prerequisites in the order in which a person meets them. */
export const checks: readonly Check[] = [
  {
    name: 'CDK bootstrap',
    look: async ({ bootstrapVersion }) => {
      const version = await bootstrapVersion();
      return version === undefined
        ? red('this account was never bootstrapped in this region', 'Run npx cdk bootstrap.')
        : green(`version ${version}`);
    },
  },
  {
    name: 'region receives mail',
    look: async ({ dns }, { region }) => {
      const endpoint = `inbound-smtp.${region}.amazonaws.com`;
      return (await dns.addresses(endpoint)).length > 0
        ? green(endpoint)
        : red(
            `there is no ${endpoint}`,
            'Choose a region with an SES e-mail receiving endpoint, such as eu-central-1.',
          );
    },
  },
  {
    name: 'Lambda concurrency',
    look: async ({ concurrentExecutions }) => {
      const limit = await concurrentExecutions();
      return limit >= wantedConcurrency
        ? green(`${limit} at once`)
        : red(`only ${limit} at once`, 'Ask for 1000 under Service Quotas, AWS Lambda, Concurrent executions.');
    },
  },
  {
    name: 'stack deployed',
    look: async ({ stack }) => {
      const found = await stack();
      if (found === undefined) return red('there is no stack', 'Run npm run deploy.');
      return /^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(found.status)
        ? green(found.status)
        : red(found.status, 'Read the stack’s events in the CloudFormation console, then run npm run deploy.');
    },
  },
  ...keyChecks,
  {
    name: 'sender verified',
    look: async (ports, { senderAddress }) => {
      const domain = domainOf(senderAddress);
      return ofIdentity(domain, await ports.mailIdentity(domain), ({ verified }) => (verified ? undefined : 'pending'));
    },
  },
  {
    name: 'DKIM',
    look: async (ports, { senderAddress }) => {
      const domain = domainOf(senderAddress);
      return ofIdentity(domain, await ports.mailIdentity(domain), ({ dkim }) =>
        dkim === 'Success' ? undefined : dkim,
      );
    },
  },
  {
    name: 'MAIL FROM and SPF',
    look: async (ports, { senderAddress }) => {
      const domain = domainOf(senderAddress);
      const finding = ofIdentity(domain, await ports.mailIdentity(domain), ({ mailFrom }) =>
        mailFrom === 'Success' ? undefined : (mailFrom ?? 'not set'),
      );
      if (finding.verdict === 'red') return finding;
      const texts = await ports.dns.texts(mailFromOf(domain));
      return texts.some((text) => /^v=spf1 .*\binclude:amazonses\.com\b/.test(text))
        ? green(mailFromOf(domain))
        : red(`${mailFromOf(domain)} has no SPF record that includes amazonses.com`, addRecords);
    },
  },
  {
    name: 'receiving domain verified',
    look: async (ports, { mailDomain }) =>
      ofIdentity(mailDomain, await ports.mailIdentity(mailDomain), ({ verified }) =>
        verified ? undefined : 'pending',
      ),
  },
  {
    name: 'MX',
    look: async ({ dns }, { mailDomain, region }) => {
      const found = await dns.mailExchangers(mailDomain);
      const wanted = `inbound-smtp.${region}.amazonaws.com`;
      if (found.includes(wanted)) return green(`${mailDomain} → ${wanted}`);
      return red(`${mailDomain} → ${found.join(', ') || 'nowhere'}`, addRecords);
    },
  },
  {
    name: 'DMARC',
    look: async ({ dns }, { senderAddress }) => {
      // A subdomain without its own is under that of the domain above it.
      const labels = domainOf(senderAddress).split('.');
      const names = labels.slice(0, -1).map((_, index) => `_dmarc.${labels.slice(index).join('.')}`);
      for (const name of names) {
        const [policy] = (await dns.texts(name)).filter((text) => /^v=DMARC1\b/.test(text));
        if (policy !== undefined) return green(`${name}: ${policy}`);
      }
      return red(`${names[0]} has no record`, addRecords);
    },
  },
  {
    name: 'receipt rule active',
    look: async ({ activeReceiptRules }, { mailDomain }) => {
      const rules = await activeReceiptRules();
      const ours = rules.find(({ enabled, name, recipients }) => {
        return enabled && name.startsWith('throughline-') && recipients.includes(mailDomain);
      });
      return ours
        ? green(ours.name)
        : red(
            `no active rule of Throughline takes mail for ${mailDomain}`,
            'Run npm run deploy. If another rule set was made active since, see docs/runbook.md, Mail does not come in.',
          );
    },
  },
  {
    name: 'SES sandbox left',
    look: async ({ sending }) => {
      const { enabled, inSandbox } = await sending();
      if (!enabled) return red('SES has stopped the account', 'Read the mail of AWS about it; open a support case.');
      return inSandbox
        ? red('mail goes to verified addresses only', 'SES console, Account dashboard, Request production access.')
        : green('production access');
    },
  },
  {
    name: 'public address',
    look: async (ports, { publicUrl }) => {
      const outputs = (await ports.stack())?.outputs;
      if (outputs === undefined) return red('there is no stack', 'Run npm run deploy.');
      const address = outputs.PublicAddress ?? '';
      if (publicUrl !== undefined && publicUrl !== address) {
        return red(`the stack says ${address}, the settings ${publicUrl}`, 'Run npm run deploy.');
      }
      const { body, status } = await ports.get(`${address}/health`);
      return status === 200 && body.includes('"status":"ok"')
        ? green(address)
        : red(
            `${address}/health answers ${status}`,
            'Point the domain at the API: API Gateway, Custom domain names, with a certificate of this region.',
          );
    },
  },
  {
    name: 'alarms reach somebody',
    look: async ({ subscriptions }, { alarmAddress }) => {
      const found = (await subscriptions()).find(({ endpoint }) => endpoint === alarmAddress);
      if (found === undefined) return red(`${alarmAddress} is not subscribed`, 'Run npm run deploy.');
      return found.confirmed
        ? green(alarmAddress)
        : red(
            `${alarmAddress} has not confirmed`,
            'Open the link in the mail "AWS Notification - Subscription Confirmation".',
          );
    },
  },
];

function ofIdentity(
  domain: string,
  identity: MailIdentity | undefined,
  fault: (identity: MailIdentity) => string | undefined,
): Finding {
  if (identity === undefined) return red(`SES does not know ${domain}`, 'Run npm run deploy.');
  const found = fault(identity);
  return found === undefined ? green(domain) : red(`${domain}: ${found}`, addRecords);
}
