import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/** CommonJS libraries `require` Node's own modules, and a bundle is an ES module: there the process hands them out. */
export const builtinsWithoutRequire: Plugin = {
  name: 'builtins-without-require',
  setup: ({ onLoad, onResolve }) => {
    onResolve({ filter: /^(node:)?[a-z_/]+$/ }, ({ kind, path }) => {
      if (kind !== 'require-call' || !isBuiltin(path)) return undefined;
      return { path: path.replace(/^node:/, ''), namespace: 'builtin' };
    });
    onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule('node:${path}');`,
    }));
  },
};

interface Replacement {
  /** How the import is spelt, and whose import it is. */
  imported: RegExp;
  by: RegExp;
  contents: string;
}

/** What libraries bring along and no function uses, with what stands in its place. */
const replacements: readonly Replacement[] = [
  {
    // Of the SDK's chain of sources a function needs one, since its credentials stand in its environment. The others
    // (profiles, single sign-on, a machine's metadata) weigh 140 KB and load Node's HTTP client with all of `fetch`.
    imported: /^@aws-sdk\/credential-provider-node$/,
    by: /@aws-sdk\/client-/,
    contents: "export { fromEnv as defaultProvider } from '@aws-sdk/credential-provider-env';",
  },
  {
    // Mails are made of what they are given (`disableUrlAccess`).
    imported: /^\.\.\/fetch\/index\.js$/,
    by: /\/nodemailer\//,
    contents: "export default () => { throw new Error('This bundle fetches nothing for a mail.'); };",
  },
  {
    // Parses `style` attributes, which no mail keeps; sanitize-html drops what this refuses.
    imported: /^postcss$/,
    by: /\/sanitize-html\//,
    contents: "exports.parse = () => { throw new Error('This bundle reads no styles.'); };",
  },
];

export const withoutUnused: Plugin = {
  name: 'without-unused',
  setup: ({ onLoad, onResolve }) => {
    for (const [index, { by, contents, imported }] of replacements.entries()) {
      const namespace = `replacement-${index}`;
      onResolve({ filter: imported }, ({ importer, path, resolveDir }) =>
        by.test(importer) ? { path, namespace, pluginData: resolveDir } : undefined,
      );
      onLoad({ filter: /.*/, namespace }, ({ pluginData }) => ({ contents, resolveDir: pluginData }));
    }
  },
};
