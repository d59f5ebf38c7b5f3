import { asRecord, isRecord } from './json.ts';

/** What a rule's target says about its input. */
export interface TargetInput {
  Input?: unknown;
  InputPath?: unknown;
  InputTransformer?: unknown;
}

/** What the reserved placeholders of an input template stand for. */
export interface RuleContext {
  ruleArn: string;
  ruleName: string;
  /** ISO 8601. */
  ingestionTime: string;
}

/** The text that a rule's target receives for an event: all of it by default, a constant, a part, or a filled template. */
export function targetInput(target: TargetInput, event: Record<string, unknown>, rule: RuleContext): string {
  if (typeof target.Input === 'string') return target.Input;
  if (typeof target.InputPath === 'string') return JSON.stringify(atPath(event, target.InputPath) ?? null);
  if (isRecord(target.InputTransformer)) return transform(target.InputTransformer, event, rule);
  return JSON.stringify(event);
}

/** The value at `$.detail.items[0].name` or `$.detail['first name']`; undefined where there is none. */
export function atPath(value: unknown, path: string): unknown {
  const steps = [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]|\[['"]([^'"]+)['"]\]/g)];
  return steps.reduce<unknown>((current, [, name, index, quoted]) => {
    if (index !== undefined) return Array.isArray(current) ? current[Number(index)] : undefined;
    return isRecord(current) ? current[name ?? quoted ?? ''] : undefined;
  }, value);
}

function transform(transformer: Record<string, unknown>, event: Record<string, unknown>, rule: RuleContext): string {
  const values: Record<string, unknown> = {
    'aws.events.rule-arn': rule.ruleArn,
    'aws.events.rule-name': rule.ruleName,
    'aws.events.event.ingestion-time': rule.ingestionTime,
    'aws.events.event': withoutDetail(event),
    'aws.events.event.json': event,
  };
  for (const [name, path] of Object.entries(asRecord(transformer.InputPathsMap))) {
    values[name] = atPath(event, String(path));
  }
  return fill(String(transformer.InputTemplate ?? ''), values);
}

function withoutDetail({ detail: _, ...rest }: Record<string, unknown>): Record<string, unknown> {
  return rest;
}

/** Inside quotes a placeholder is filled as text, outside as JSON. */
function fill(template: string, values: Record<string, unknown>): string {
  let quoted = false;
  return template.replace(/\\.|"|<([\w.-]+)>/g, (token, name?: string) => {
    if (token === '"') quoted = !quoted;
    if (name === undefined || !(name in values)) return token;
    const value = values[name];
    if (!quoted) return JSON.stringify(value ?? null);
    const text = typeof value === 'string' ? value : JSON.stringify(value ?? '');
    return JSON.stringify(value === undefined ? '' : text).slice(1, -1);
  });
}
