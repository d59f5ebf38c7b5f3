import { existsSync, readFileSync } from 'node:fs';
import * as z from 'zod';
import { defaultsSchema } from '../../shared/contracts/source.ts';

const domain = z.string().regex(/^[a-z0-9-]+([.][a-z0-9-]+)+$/, 'expected a domain in lower case');
const telephoneNumber = z.string().regex(/^\+[1-9]\d{6,14}$/, 'expected a number such as +493023125001');

const settingsSchema = z
  .strictObject({
    /** A region in which SES receives mail. */
    region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected a region such as eu-central-1'),
    /** The domain whose mail is received: better a subdomain, since its MX record leads to SES. */
    mailDomain: domain,
    /** The address from which mails are sent. */
    senderAddress: z.email().toLowerCase(),
    /** In whose name mails are sent. */
    companyName: z.string().min(1),
    companyTimeZone: z.string().refine(isTimeZone, 'expected an IANA time zone such as Europe/Berlin'),
    /** Who hears of alarms. */
    alarmAddress: z.email(),
    /** The API's own address, where it has one; without it the gateway's. */
    publicUrl: z
      .string()
      .regex(/^https:\/\/[^/]+$/, 'expected https:// and a host, without a slash at its end')
      .optional(),
    /** The Route 53 zone in which the DNS records of mail are made. */
    hostedZone: z.strictObject({ id: z.string().regex(/^[A-Z0-9]+$/), name: domain }).optional(),
    /** ISO 3166: where telephone numbers are written without a country's code. */
    country: defaultsSchema.shape.country,
    /** ISO 639: in which language the company writes where a customer's own is not known. */
    language: defaultsSchema.shape.language,
    /** Whether functions record traces with X-Ray, which costs by the trace: to look into something, then no more. */
    tracing: z.boolean().optional(),
    /** A Twilio line; its token is never written here: `npm run rotate` takes it. */
    telephone: z
      .strictObject({
        forwardTo: telephoneNumber.optional(),
        accountSid: z.string().startsWith('AC').optional(),
        ownNumbers: z.array(telephoneNumber).optional(),
      })
      .optional(),
  })
  .superRefine(({ hostedZone, mailDomain, senderAddress }, { addIssue }) => {
    const senderDomain = domainOf(senderAddress);
    if (mailDomain === mailFromOf(senderDomain)) {
      addIssue({ code: 'custom', path: ['mailDomain'], message: 'bounces go there; take another subdomain' });
    }
    if (hostedZone === undefined) return;
    for (const [name, value] of Object.entries({ mailDomain, senderAddress: senderDomain })) {
      if (value === hostedZone.name || value.endsWith(`.${hostedZone.name}`)) continue;
      addIssue({ code: 'custom', path: [name], message: `lies outside of the hosted zone ${hostedZone.name}` });
    }
  });

/** What `deployment.json` says. It holds no secret. */
export type DeploymentSettings = z.infer<typeof settingsSchema>;

/** Throws one error that lists every fault of the file, or says where an example stands. */
export function readSettings(file: string): DeploymentSettings {
  if (!existsSync(file)) {
    throw new Error(`There is no ${file}. Copy docs/deployment.example.json to it and fill it in (README, Deploy).`);
  }
  return parseSettings(readFileSync(file, 'utf8'), file);
}

export function parseSettings(text: string, file: string): DeploymentSettings {
  const result = settingsSchema.safeParse(json(text, file));
  if (result.success) return result.data;
  const faults = result.error.issues.map(({ message, path }) => `  ${path.join('.') || 'file'}: ${message}`);
  throw new Error(`${file} is not usable:\n${faults.join('\n')}`);
}

/** The parameters of the stack by name. */
export function stackParameters(settings: DeploymentSettings): Record<string, string> {
  return {
    AlarmAddress: settings.alarmAddress,
    CompanyName: settings.companyName,
    CompanyTimeZone: settings.companyTimeZone,
    HostedZoneId: settings.hostedZone?.id ?? '',
    MailDomain: settings.mailDomain,
    PublicUrl: settings.publicUrl ?? '',
    SenderAddress: settings.senderAddress,
    Tracing: settings.tracing === true ? 'Active' : 'PassThrough',
  };
}

export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}

/** The stack's own choice, `infra/mailDns.ts`. */
export function mailFromOf(senderDomain: string): string {
  return `bounce.${senderDomain}`;
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

function json(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is no JSON: ${error instanceof Error ? error.message : ''}`);
  }
}
