import type { DeployedStack } from '../deployment/stack.ts';

export interface MailIdentity {
  verified: boolean;
  /** SES's words: `Success`, `Pending`, `Failed`, … */
  dkim: string;
  dkimTokens: string[];
  /** As `dkim`; undefined where no MAIL FROM domain is set. */
  mailFrom: string | undefined;
}

export interface ActiveRule {
  name: string;
  enabled: boolean;
  recipients: string[];
}

/** What the checks ask. A question that cannot be answered rejects. */
export interface DoctorPorts {
  /** Of the CDK's bootstrap; undefined where there was none. */
  bootstrapVersion(): Promise<number | undefined>;
  stack(): Promise<DeployedStack | undefined>;
  /** Of the account in the region. */
  concurrentExecutions(): Promise<number>;
  /** Undefined where SES does not know the domain. */
  mailIdentity(domain: string): Promise<MailIdentity | undefined>;
  sending(): Promise<{ inSandbox: boolean; enabled: boolean }>;
  activeReceiptRules(): Promise<ActiveRule[]>;
  /** The parameter set, decrypted. */
  parameters(): Promise<Map<string, string>>;
  subscriptions(): Promise<{ endpoint: string; confirmed: boolean }[]>;
  /** Each empty where the name has none. */
  dns: {
    addresses(name: string): Promise<string[]>;
    mailExchangers(name: string): Promise<string[]>;
    texts(name: string): Promise<string[]>;
  };
  /** Follows no redirect. */
  get(url: string): Promise<{ status: number; body: string }>;
}
