/** A route of the API, parsed from its key such as `GET /customers/{id}`, `ANY /{proxy+}` or `$default`. */
export interface Route<T> {
  key: string;
  /** `ANY` for every method. */
  method: string;
  segments: readonly string[];
  target: T;
}

export interface RouteMatch<T> {
  route: Route<T>;
  /** Values of `{name}` and `{name+}`, decoded. */
  parameters: Record<string, string>;
}

export function parseRoute<T>(key: string, target: T): Route<T> {
  if (key === '$default') return { key, method: 'ANY', segments: ['$default'], target };
  const [method = '', path = '/'] = key.split(' ');
  return { key, method, segments: path.split('/').slice(1), target };
}

/** The most specific route: literal over `{name}` over `{name+}` over `$default`, then the named method over `ANY`. */
export function matchRoute<T>(
  routes: readonly Route<T>[],
  method: string,
  encodedPath: string,
): RouteMatch<T> | undefined {
  const segments = encodedPath.split('/').slice(1);
  const matches = routes.flatMap((route) => {
    if (route.method !== 'ANY' && route.method !== method) return [];
    const parameters = matchSegments(route.segments, segments);
    return parameters ? [{ route, parameters }] : [];
  });
  return matches.sort((a, b) => compare(specificity(a.route), specificity(b.route)))[0];
}

function matchSegments(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern[0] === '$default') return {};
  const parameters: Record<string, string> = {};
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index];
    if (segment === undefined) return undefined;
    const name = /^\{(.+?)(\+?)\}$/.exec(part);
    if (!name) {
      if (part !== segment) return undefined;
    } else if (name[2] === '+') {
      const rest = segments.slice(index).join('/');
      return rest === '' ? undefined : { ...parameters, [name[1] ?? '']: decode(rest) };
    } else if (segment === '') {
      return undefined;
    } else {
      parameters[name[1] ?? ''] = decode(segment);
    }
  }
  return pattern.length === segments.length ? parameters : undefined;
}

/** One letter per segment, in the order of preference, and one for the method. */
function specificity({ segments, method }: Route<unknown>): string {
  const ranks = segments.map((segment) => {
    if (segment === '$default') return 'd';
    if (segment.endsWith('+}')) return 'c';
    return segment.startsWith('{') ? 'b' : 'a';
  });
  return `${ranks.join('')}${method === 'ANY' ? 'z' : 'y'}`;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** What is no valid encoding stays as it was sent. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
