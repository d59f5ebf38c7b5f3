/** The rooms of the repository and who may import whom. A noun is any folder of shared/ besides contracts and platform. */
const noun = '^shared/(?!contracts/|platform/)[^/]+/';
const store = 'Store\\.ts$';
/** Errors and sizes: files of the platform that reach nothing outside, so rules may use them. */
const purePlatform = '^shared/platform/(errors|itemSize)\\.ts$';

const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
/** A room may import files of ours only from these places. */
const room = (name, comment, path, ...allowed) =>
  rule(name, comment, { path }, { dependencyTypes: ['local'], pathNot: [path, ...allowed] });

export default {
  forbidden: [
    rule('no-circles', 'Imports go one way.', {}, { circular: true }),
    rule('resolvable', 'Every import leads somewhere.', {}, { couldNotResolve: true }),
    rule('tests', 'Nothing imports them.', { pathNot: '^(tests|bench)/' }, { path: '^(tests|bench)/' }),

    room('shared', 'Shared code knows no room above it.', '^shared/'),
    room('web', 'Pages know the contracts.', '^web/', '^shared/contracts/'),
    room('infra', 'Infrastructure knows the contracts; a function is a path to it.', '^infra/', '^shared/contracts/'),
    room('local', 'The local platform runs the synthesized template and its bundles, no source of ours.', '^local/'),
    room('operations', 'Commands of operators are made of shared code.', '^operations/', '^shared/'),
    rule(
      'functions',
      'A function is made of shared code and never of another function.',
      { path: '^functions/([^/]+)/' },
      { dependencyTypes: ['local'], pathNot: ['^functions/$1/', '^shared/', '^package\\.json$'] },
    ),

    rule(
      'contracts',
      'Contracts run in browsers: zod and each other, nothing else.',
      { path: '^shared/contracts/' },
      { pathNot: ['^shared/contracts/', 'node_modules/zod/'] },
    ),
    rule('platform', 'The platform knows contracts and no noun.', { path: '^shared/platform/' }, { path: noun }),
    rule(
      'platform-pure',
      'What rules may use of the platform reaches nothing outside.',
      { path: purePlatform },
      { pathNot: ['^shared/contracts/', purePlatform, 'node_modules/zod/'], dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'noun-platform',
      'Of the platform, rules and use cases know types and errors; only a store uses the rest.',
      { path: noun, pathNot: store },
      { path: '^shared/platform/', pathNot: purePlatform, dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'noun-builtins',
      'Rules are pure: of Node they use hashing and compression.',
      { path: noun },
      { dependencyTypes: ['core'], pathNot: '^(node:)?(crypto|zlib)$' },
    ),
    rule(
      'noun-port',
      'Use cases know a port; who composes picks the store.',
      { path: noun, pathNot: store },
      { path: store },
    ),
    rule(
      'store',
      'A store serves its own noun; of others it knows types.',
      { path: `^shared/(?!contracts/|platform/)([^/]+)/.*${store}` },
      { path: noun, pathNot: '^shared/$1/', dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'aws-sdk',
      'The AWS SDK stays in stores, the platform, and where a function builds its clients.',
      { path: '^(shared|functions|web)/', pathNot: ['^shared/platform/', store, '^functions/[^/]+/index\\.ts$'] },
      { path: 'node_modules/@aws-sdk/' },
    ),
  ],
  options: {
    // TypeScript 7 has no compiler API: with the default parser every file would be skipped in silence.
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'types', 'default'] },
  },
};
