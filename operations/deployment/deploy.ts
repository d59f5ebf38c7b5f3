import { dnsRecords, printRecords } from './dnsRecords.ts';
import { type DeploymentSettings, domainOf, stackParameters } from './settings.ts';
import { type DeployedStack, stackName } from './stack.ts';

export interface DeployPorts {
  stack(): Promise<DeployedStack | undefined>;
  /** The parameters of the synthesized template. */
  templateParameters(): Promise<string[]>;
  /** Runs the CDK's command line; rejects where it fails. */
  cdk(args: readonly string[]): Promise<void>;
  /** Encrypts with this key what an earlier stack left; returns the names. */
  adoptParameters(keyArn: string): Promise<string[]>;
  /** Creates what is missing of the parameter set; returns new keys in plain text. */
  provision(keyArn: string): Promise<Record<string, string>>;
  dkimTokens(domain: string): Promise<string[]>;
  print(line: string): void;
}

/**
 * Deploys the stack and its parameters. Parameters are encrypted with the stack's key, so the first time the stack comes
 * first, when nobody can call it yet; later they do, since new code may read a parameter that the former did not.
 */
export async function deploy(
  ports: DeployPorts,
  settings: DeploymentSettings,
  { withoutAsking }: { withoutAsking: boolean },
): Promise<void> {
  const before = await ports.stack();
  const known = before?.outputs.EncryptionKeyArn;
  const keys = known === undefined ? {} : await prepareParameters(ports, known);
  const wanted = stackParameters(settings);
  const declared = (await ports.templateParameters()).filter((name) => name in wanted);
  await ports.cdk([
    'deploy',
    stackName,
    ...(withoutAsking ? ['--require-approval', 'never'] : []),
    ...declared.flatMap((name) => ['--parameters', `${name}=${wanted[name]}`]),
  ]);
  const after = await ports.stack();
  const keyArn = after?.outputs.EncryptionKeyArn;
  if (after === undefined || keyArn === undefined) throw new Error('The stack tells no EncryptionKeyArn.');
  if (known === undefined) Object.assign(keys, await prepareParameters(ports, keyArn));
  ports.print('');
  for (const [name, value] of Object.entries(after.outputs)) ports.print(`${name.padEnd(20)} ${value}`);
  await printDns(ports, settings);
  if (Object.keys(keys).length > 0) {
    ports.print('\nKeys, shown once and kept nowhere: put them where they belong now.');
    for (const [name, value] of Object.entries(keys)) ports.print(`  ${name.padEnd(18)} ${value}`);
  }
  ports.print(
    '\nWhat only a person can do: the DNS records above that are not made by themselves, leaving the SES sandbox,',
  );
  ports.print('confirming the alarm mail, addresses at Twilio. npm run doctor says what is left.');
}

async function prepareParameters(ports: DeployPorts, keyArn: string): Promise<Record<string, string>> {
  const adopted = await ports.adoptParameters(keyArn);
  if (adopted.length > 0) ports.print(`Taken over from an earlier stack: ${adopted.join(', ')}`);
  return { ...(await ports.provision(keyArn)) };
}

/** The records that mail needs, and who enters them. */
export async function printDns(
  ports: Pick<DeployPorts, 'dkimTokens' | 'print'>,
  settings: DeploymentSettings,
): Promise<void> {
  const [sender, receiver] = await Promise.all([
    ports.dkimTokens(domainOf(settings.senderAddress)),
    ports.dkimTokens(settings.mailDomain),
  ]);
  const records = dnsRecords(settings, { sender, receiver });
  const [made, toEnter] = settings.hostedZone === undefined ? [[], records] : [records.slice(0, -1), records.slice(-1)];
  if (made.length > 0) {
    ports.print(`\nDNS records made in the hosted zone ${settings.hostedZone?.name}:`);
    for (const line of printRecords(made)) ports.print(line);
  }
  ports.print('\nDNS records to enter:');
  for (const line of printRecords(toEnter)) ports.print(line);
}
