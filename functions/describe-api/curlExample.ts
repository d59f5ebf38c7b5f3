import type { Example } from './examples.ts';
import type { DescribedOperation } from './openApiDocument.ts';

interface Call {
  method: string;
  path: string;
  operation: Pick<DescribedOperation, 'security' | 'requestBody'>;
  example: Example;
}

/**
 * The call as a shell command. `api`, the keys and what earlier answers told (`$token`, `$customerId`) are shell
 * variables, so that one example is good for this machine and for a deployment.
 */
export function curlExample({ method, path, operation, example }: Call): string {
  const filled = path.replace(/\{(\w+)\+?\}/g, (_, name: string) => example.path?.[name] ?? `$${name}`);
  const address = `$api${filled}${example.query === undefined ? '' : `?${example.query}`}`;
  const form = Object.entries(example.form ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
  const lines = [
    `curl ${method === 'POST' && example.body === undefined && form.length === 0 ? '-X POST ' : ''}"${address}"`,
    ...credentialOf(operation.security, example),
    ...Object.entries(example.headers ?? {}).map(([name, value]) => `-H '${name}: ${value}'`),
    ...(example.body === undefined ? [] : [`-d '${shellJson(example.body)}'`]),
    ...form.map(([name, value]) => `--data-urlencode '${name}=${value}'`),
  ];
  const command = joined(lines);
  if (!operation.security.some((choice) => 'twilioSignature' in choice)) return command;
  // printf joins its words: the address, then every parameter.
  const signed = ['signature=$(printf %s', `"${address}"`, ...form.map(([name, value]) => `'${name}${value}'`)];
  return `${signed.join(' \\\n  ')} |\n  openssl dgst -sha1 -hmac "$twilioAuthToken" \\\n    -binary | base64)\n${command}`;
}

const keyByScope: Record<string, string> = {
  'events:write': 'serverWriteKey',
  'widget:converse': 'browserWriteKey',
  'lookup:read': 'lookupKey',
};

function credentialOf(security: DescribedOperation['security'], { key }: Example): string[] {
  const [first] = security;
  if (first === undefined) return [];
  const [scheme, [scope = ''] = []] = Object.entries(first)[0] ?? [];
  const variable = key ?? keyByScope[scope] ?? 'agentApiKey';
  if (scheme === 'basicKey') return [`-u "$${variable}:"`];
  if (scheme === 'twilioSignature') return ['-H "x-twilio-signature: $signature"'];
  return [`-H "authorization: Bearer $${scheme === 'widgetSession' ? 'token' : variable}"`];
}

/** JSON between single quotes; a value that is a shell variable leaves them for itself. */
function shellJson(body: unknown): string {
  const short = JSON.stringify(body);
  const text = short.length <= 48 ? short : JSON.stringify(body, null, 2);
  return text.replaceAll("'", "'\\''").replace(/"(\$\w+)"/g, (_, variable: string) => `"'${variable}'"`);
}

/** What fits stands on one line. */
function joined(parts: readonly string[]): string {
  const line = parts.join(' ');
  return line.length <= 64 && !line.includes('\n') ? line : parts.join(' \\\n  ');
}
