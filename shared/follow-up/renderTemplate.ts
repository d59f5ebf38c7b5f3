import { Liquid } from 'liquidjs';

type Variables = Record<string, string | readonly string[]>;

// A misspelt variable is an error here and not a hole in somebody's mail; what is empty is absent.
const strict = { strictVariables: true, strictFilters: true, jsTruthy: true } as const;
const textLiquid = new Liquid(strict);
const htmlLiquid = new Liquid({ ...strict, outputEscape: 'escape' });
/** Parsed once: there are few templates. */
const parsed = new Map<string, ReturnType<Liquid['parse']>>();

/** A template as plain text. */
export function renderText(source: string, variables: Variables): Promise<string> {
  return render(textLiquid, source, variables);
}

/** A template as HTML: what the variables hold stays text unless the template says `raw`. */
export function renderHtml(source: string, variables: Variables): Promise<string> {
  return render(htmlLiquid, source, variables);
}

async function render(liquid: Liquid, source: string, variables: Variables): Promise<string> {
  const key = `${liquid === htmlLiquid ? 'html' : 'text'}:${source}`;
  const template = parsed.get(key) ?? liquid.parse(source);
  parsed.set(key, template);
  const text: unknown = await liquid.render(template, variables);
  return String(text);
}
