import * as z from 'zod';
import { longestPeriodMs, type Playbook, playbooks } from './playbooks.ts';

const hourMs = 60 * 60 * 1000;
const hoursSchema = z
  .number()
  .positive()
  .max(longestPeriodMs / hourMs);

/** What an operator may set about a playbook; what is left out stays as it is. */
const settingsSchema = z.strictObject({
  class: z.enum(['transactional', 'marketing']).optional(),
  legalBasis: z.enum(['contract', 'legitimate-interest', 'consent']).optional(),
  /** At most so many to one address within so many hours. */
  cap: z
    .strictObject({
      sends: z.number().int().min(1).max(100),
      hours: hoursSchema,
    })
    .optional(),
  maximumAgeHours: hoursSchema.optional(),
});

/**
 * The playbooks as the parameters `playbooks/<name>` set them. Throws one error that lists every fault by parameter
 * name: whoever misspells a setting must not be answered by the default.
 */
export function readPlaybooks(parameters: ReadonlyMap<string, string>): Playbook[] {
  const faults: string[] = [];
  const names = new Set(playbooks.map(({ name }) => `playbooks/${name}`));
  for (const name of parameters.keys()) {
    if (name.startsWith('playbooks/') && !names.has(name)) faults.push(`${name}: there is no such playbook`);
  }
  const read = playbooks.map((playbook): Playbook => {
    const text = parameters.get(`playbooks/${playbook.name}`);
    if (text === undefined) return playbook;
    const result = settingsSchema.safeParse(json(text));
    if (result.success) return withSettings(playbook, result.data);
    for (const { message, path } of result.error.issues) {
      faults.push(
        `${['playbooks', playbook.name].join('/')}${path.map((part) => `.${String(part)}`).join('')}: ${message}`,
      );
    }
    return playbook;
  });
  if (faults.length > 0)
    throw new Error(`The playbooks are not usable:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  return read;
}

function withSettings(playbook: Playbook, settings: z.infer<typeof settingsSchema>): Playbook {
  const { cap, legalBasis, maximumAgeHours } = settings;
  return {
    ...playbook,
    class: settings.class ?? playbook.class,
    legalBasis: legalBasis ?? playbook.legalBasis,
    cap: cap ? { sends: cap.sends, periodMs: cap.hours * hourMs } : playbook.cap,
    maximumAgeMs: maximumAgeHours === undefined ? playbook.maximumAgeMs : maximumAgeHours * hourMs,
  };
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
