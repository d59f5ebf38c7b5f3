import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { App } from 'aws-cdk-lib';
import { synthesize } from '../../infra/synthesize.ts';

export interface Resource {
  Type: string;
  Properties: Record<string, unknown>;
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

interface Template {
  Resources: Record<string, Resource>;
  Parameters?: Record<string, unknown>;
}

/** The resources of the stack by logical id. */
export function synthesizedResources(options: { check?: (app: App) => void } = {}): Record<string, Resource> {
  return synthesizedTemplate(options).Resources;
}

/**
 * The template of the stack, synthesized around empty bundles: the stack does not depend on their code.
 * Throws where `check` lets the synthesis fail.
 */
export function synthesizedTemplate({ check }: { check?: (app: App) => void } = {}): Template {
  // It takes ten times as long as all the rest, and `npm run synth` runs it.
  process.env.CDK_VALIDATION = 'false';
  const directory = mkdtempSync(join(tmpdir(), 'throughline-synth-'));
  try {
    const bundlesDir = join(directory, 'dist');
    for (const name of functionNames) {
      mkdirSync(join(bundlesDir, name), { recursive: true });
      writeFileSync(join(bundlesDir, name, 'index.mjs'), '');
    }
    const outDir = join(directory, 'cdk.out');
    synthesize({ bundlesDir, outDir, stackName: 'Throughline', ...(check ? { check } : {}) });
    return JSON.parse(readFileSync(join(outDir, 'Throughline.template.json'), 'utf8'));
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

export const functionNames = [
  'agent-api',
  'collect-events',
  'converse',
  'decide-follow-ups',
  'describe-api',
  'install-receipt-rule',
  'lookup-customer',
  'manage-preferences',
  'project-timeline',
  'receive-call',
  'receive-delivery-event',
  'receive-email',
  'repair-leaf',
  'send-message',
  'sweep-due',
];

/** Resources of one type, by logical id. */
export function ofType(resources: Record<string, Resource>, type: string): [string, Resource][] {
  return Object.entries(resources).filter(([, resource]) => resource.Type === type);
}

/** Intrinsic functions written flat: `Ref` as the logical id, `GetAtt` as `id.Attribute`, joins joined. */
export function flat(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(flat);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [name, argument] = entries[0] ?? [];
  if (entries.length === 1 && name === 'Ref') return argument;
  if (entries.length === 1 && name === 'Fn::GetAtt' && Array.isArray(argument)) return argument.join('.');
  if (entries.length === 1 && name === 'Fn::Join' && Array.isArray(argument)) return joined(argument[1]);
  return Object.fromEntries(entries.map(([key, inner]) => [key, flat(inner)]));
}

function joined(parts: unknown): string {
  return Array.isArray(parts) ? parts.map((part) => String(flat(part))).join('') : '';
}
