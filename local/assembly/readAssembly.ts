import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Template {
  Parameters?: Record<string, { Type?: string; Default?: unknown }>;
  Mappings?: Record<string, Record<string, Record<string, unknown>>>;
  Conditions?: Record<string, unknown>;
  Resources: Record<string, TemplateResource>;
}

export interface TemplateResource {
  Type: string;
  Condition?: string;
  Properties?: Record<string, unknown>;
}

export interface StackAssembly {
  stackName: string;
  template: Template;
  /** The directory or file of an asset by its object key, as a function's `Code.S3Key` names it. */
  assetPath(objectKey: string): string;
}

interface Manifest {
  artifacts?: Record<string, { type: string; properties?: { templateFile?: string; stackName?: string } }>;
}

interface AssetManifest {
  files?: Record<string, { source: { path?: string }; destinations: Record<string, { objectKey: string }> }>;
}

/** Reads the one stack of a cloud assembly and its asset manifest. */
export function readAssembly(directory: string): StackAssembly {
  const { artifacts = {} } = readJson<Manifest>(join(directory, 'manifest.json'));
  const stacks = Object.entries(artifacts).filter(([, artifact]) => artifact.type === 'aws:cloudformation:stack');
  const [[id, stack] = []] = stacks;
  if (!id || !stack?.properties?.templateFile || stacks.length !== 1) {
    throw new Error(`The assembly in ${directory} must hold exactly one stack, not ${stacks.length}.`);
  }
  const assets = assetPaths(directory, id);
  return {
    stackName: stack.properties.stackName ?? id,
    template: readJson<Template>(join(directory, stack.properties.templateFile)),
    assetPath: (objectKey) => {
      const path = assets.get(objectKey);
      if (!path) throw new Error(`The assembly in ${directory} has no asset ${objectKey}.`);
      return path;
    },
  };
}

function assetPaths(directory: string, stackId: string): Map<string, string> {
  const file = join(directory, `${stackId}.assets.json`);
  const { files = {} } = existsSync(file) ? readJson<AssetManifest>(file) : {};
  return new Map(
    Object.values(files).flatMap(({ source, destinations }) =>
      Object.values(destinations).map(({ objectKey }): [string, string] => [
        objectKey,
        join(directory, source.path ?? ''),
      ]),
    ),
  );
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, 'utf8')) as T;
}
