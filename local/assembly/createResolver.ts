import type { Template } from './readAssembly.ts';

/** What a template's expressions may refer to. */
export interface ResolverScope {
  template: Template;
  /** `AWS::Region` and its like. */
  pseudoParameters: Record<string, string>;
  /** What `Ref` of a resource yields. */
  reference(logicalId: string): string;
  attribute(logicalId: string, name: string): string;
}

export interface Resolver {
  /** The value without intrinsic functions; undefined for `AWS::NoValue`. */
  resolve(value: unknown): unknown;
  /** Whether a condition of the template holds. */
  holds(condition: string): boolean;
}

type Intrinsic = (argument: unknown) => unknown;

/** Evaluates CloudFormation's intrinsic functions as far as CDK templates use them; throws for any other. */
export function createResolver(scope: ResolverScope): Resolver {
  const { template, pseudoParameters } = scope;
  const text = (value: unknown): string => {
    const resolved = resolve(value);
    return typeof resolved === 'string' ? resolved : resolved === undefined ? '' : JSON.stringify(resolved);
  };
  const list = (value: unknown): unknown[] => {
    const resolved = resolve(value);
    if (!Array.isArray(resolved)) throw new Error(`A list is expected, not ${JSON.stringify(value)}.`);
    return resolved;
  };
  const isTrue = (value: unknown): boolean => resolve(value) === true;
  const holds = (name: string): boolean => {
    const condition = template.Conditions?.[name];
    if (condition === undefined) throw new Error(`The template has no condition ${name}.`);
    return isTrue(condition);
  };
  const reference = (name: string): unknown => {
    if (name === 'AWS::NoValue') return undefined;
    if (name in pseudoParameters) return pseudoParameters[name];
    if (template.Parameters?.[name]) return template.Parameters[name].Default ?? '';
    return scope.reference(name);
  };
  const attribute = (argument: unknown): string => {
    const [logicalId = '', name = ''] = Array.isArray(argument) ? argument.map(text) : splitOnce(String(argument), '.');
    return scope.attribute(logicalId, name);
  };

  const intrinsics: Record<string, Intrinsic> = {
    Ref: (argument) => reference(String(argument)),
    Condition: (argument) => holds(String(argument)),
    'Fn::GetAtt': attribute,
    'Fn::Join': (argument) => {
      const [separator, parts] = argument as [string, unknown];
      return list(parts).map(text).join(separator);
    },
    'Fn::Sub': (argument) => {
      const [pattern, values] = Array.isArray(argument) ? argument : [argument, {}];
      return substitute(String(pattern), (name) => {
        const given = (values as Record<string, unknown>)[name];
        if (given !== undefined) return text(given);
        return name.includes('.') ? attribute(name) : text({ Ref: name });
      });
    },
    'Fn::Select': (argument) => {
      const [index, options] = argument as [unknown, unknown];
      return list(options)[Number(resolve(index))];
    },
    'Fn::Split': (argument) => {
      const [separator, source] = argument as [string, unknown];
      return text(source).split(separator);
    },
    'Fn::If': (argument) => {
      const [condition, whenTrue, whenFalse] = argument as [string, unknown, unknown];
      return resolve(holds(condition) ? whenTrue : whenFalse);
    },
    'Fn::FindInMap': (argument) => {
      const [map = '', first = '', second = ''] = list(argument).map(text);
      return resolve(template.Mappings?.[map]?.[first]?.[second]);
    },
    'Fn::Equals': (argument) => {
      const [a, b] = argument as [unknown, unknown];
      return text(a) === text(b);
    },
    'Fn::Not': (argument) => !isTrue((argument as unknown[])[0]),
    'Fn::And': (argument) => (argument as unknown[]).every(isTrue),
    'Fn::Or': (argument) => (argument as unknown[]).some(isTrue),
    'Fn::Base64': (argument) => Buffer.from(text(argument)).toString('base64'),
    'Fn::GetAZs': () => ['a', 'b', 'c'].map((zone) => `${pseudoParameters['AWS::Region']}${zone}`),
  };

  function resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(resolve).filter((element) => element !== undefined);
    if (typeof value !== 'object' || value === null) return value;
    const [[name, argument] = [], second] = Object.entries(value);
    if (name !== undefined && second === undefined && (name in intrinsics || name.startsWith('Fn::'))) {
      const intrinsic = intrinsics[name];
      if (!intrinsic) throw new Error(`${name} is not emulated.`);
      return intrinsic(argument);
    }
    const members = Object.entries(value).map(([key, member]): [string, unknown] => [key, resolve(member)]);
    return Object.fromEntries(members.filter(([, member]) => member !== undefined));
  }

  return { resolve, holds };
}

/** Replaces `${name}`; `${!name}` is written as `${name}`. */
function substitute(pattern: string, valueNamed: (name: string) => string): string {
  return pattern.replaceAll(/\$\{(!?)([^}]+)\}/g, (_, literal: string, name: string) =>
    literal ? `\${${name}}` : valueNamed(name),
  );
}

function splitOnce(text: string, separator: string): [string, string] {
  const index = text.indexOf(separator);
  return [text.slice(0, index), text.slice(index + separator.length)];
}
