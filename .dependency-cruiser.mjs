/**
 * Who may import whom. `npm run check -- boundaries` applies it, `scripts/check/canaries.ts` proves that
 * each rule can fail.
 *
 *     services → packages, never service → service; packages never → services
 *     main.ts → everything; adapters → use cases, domain; use cases → domain;
 *     domain → domain, error codes, scopes, key format, audit chain
 *     tests → testing; product code never
 */
const TESTS = String.raw`\.test\.ts$|^(services|packages)/[^/]+/test/`;
const ADAPTERS = '(storage|grpc|http|events)';
/** Libraries that only compute: a domain rule may use them. */
const PURE_NPM = ['canonicalize', 'ipaddr.js', 'lru-cache', 'zod'];
const PURE_NODE = ['buffer', 'crypto', 'util'];

/** Packages that may import only the siblings named here. Others may import each other, without cycles. */
const SIBLINGS = {
  'key-format': [],
  'audit-chain': [],
  contracts: ['key-format'],
  'service-kit': ['contracts', 'key-format'],
  sdk: [],
  cli: ['sdk', 'audit-chain'],
};

const CONSTANTS_OF_CONTRACTS =
  '^packages/contracts/src/(addresses|error-codes|errors|fields|identifiers|reader|scopes|usage-periods)[.]ts$';

const domainMayImport = [
  '^services/$1/src/domain/',
  '^packages/(key-format|audit-chain)/src/',
  `(^|/)node_modules/(${PURE_NPM.join('|').replaceAll('.', '[.]')})/`,
  `^(node:)?(${PURE_NODE.join('|')})$`,
];

const forbidden = [
  {
    name: 'no-cycle',
    comment: 'Move what both need into a third file.',
    from: { pathNot: '/src/gen/' },
    to: { circular: true },
  },
  {
    name: 'no-unresolvable',
    comment: 'No such file, or the package does not export it.',
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: 'service-not-to-service',
    comment: 'A service calls another by gRPC or listens to its events.',
    from: { path: '^services/([^/]+)/' },
    to: { path: '(^services/|^@hokusai/(keys|gateway|usage|audit)(/|$))', pathNot: '^services/$1/' },
  },
  {
    name: 'package-not-to-service',
    comment: 'Packages are what services stand on.',
    from: { path: '^packages/' },
    to: { path: '(^services/|^@hokusai/(keys|gateway|usage|audit)(/|$))' },
  },
  ...Object.entries(SIBLINGS).map(([name, allowed]) => ({
    name: `${name}-siblings`,
    comment: `${name} imports ${allowed.length > 0 ? `no sibling but ${allowed.join(', ')}` : 'no sibling'}.`,
    from: { path: `^packages/${name}/`, pathNot: TESTS },
    to: { path: '^packages/', pathNot: [name, ...allowed].map((sibling) => `^packages/${sibling}/`) },
  })),
  {
    name: 'key-format-is-pure',
    comment: 'It parses and checks keys anywhere: no npm package and no input or output.',
    from: { path: '^packages/key-format/', pathNot: TESTS },
    to: { dependencyTypes: ['core', 'npm', 'npm-dev'], pathNot: '^(node:)?(crypto|buffer)$' },
  },
  {
    name: 'audit-chain-is-pure',
    comment: 'Whoever holds an export verifies it with the same code: no input or output.',
    from: { path: '^packages/audit-chain/', pathNot: TESTS },
    to: {
      dependencyTypes: ['core', 'npm', 'npm-dev'],
      pathNot: ['^(node:)?(crypto|buffer)$', '(^|/)node_modules/(canonicalize|zod)/'],
    },
  },
  {
    name: 'domain-is-pure',
    comment:
      'Domain rules import domain rules, error codes, scopes, the key format and the audit chain only: no I/O.',
    from: { path: '^services/([^/]+)/src/domain/', pathNot: TESTS },
    to: { pathNot: [...domainMayImport, '^packages/contracts/src/'] },
  },
  {
    name: 'domain-takes-types-of-contracts',
    comment:
      'A domain may name the shapes of events; of code it gets what is as pure as it is: error codes, scopes, identifiers, readers, rules of fields.',
    from: { path: '^services/([^/]+)/src/domain/', pathNot: TESTS },
    to: {
      path: '^packages/contracts/src/',
      pathNot: CONSTANTS_OF_CONTRACTS,
      dependencyTypesNot: ['type-only'],
    },
  },
  {
    name: 'adapter-not-to-adapter',
    comment: 'Adapters know the domain and its use cases; main.ts joins them.',
    from: { path: `^services/([^/]+)/src/${ADAPTERS}/`, pathNot: TESTS },
    to: {
      path: '^services/$1/src/',
      pathNot: ['^services/$1/src/(domain|application)/', '^services/$1/src/$2/'],
    },
  },
  {
    name: 'use-case-not-to-adapter',
    comment: 'A use case gets what it needs from outside as an argument.',
    from: { path: '^services/([^/]+)/src/application/', pathNot: TESTS },
    to: { path: '^services/$1/src/', pathNot: '^services/$1/src/(domain|application)/' },
  },
  {
    name: 'nothing-to-main',
    comment: 'main.ts starts the service when it is imported.',
    from: { pathNot: TESTS },
    to: { path: '^services/[^/]+/src/main[.]ts$' },
  },
  {
    name: 'product-not-to-test-support',
    comment: 'Product code does without test backends and local servers.',
    from: { path: '^(services|packages)/', pathNot: [TESTS, '^packages/(testing|local-stack)/'] },
    to: { path: '^packages/(testing|local-stack)/' },
  },
  {
    name: 'local-stack-not-to-testing',
    comment: '`npm start` works without what tests need.',
    from: { path: '^packages/local-stack/', pathNot: TESTS },
    to: { path: '^packages/testing/' },
  },
  {
    name: 'nothing-to-tests',
    comment: 'What a test shares with other code belongs into packages/testing.',
    from: { pathNot: [TESTS, '^test/'] },
    to: { path: [TESTS, '^test/'] },
  },
  {
    name: 'no-dev-dependency-in-product',
    comment: 'It would be missing in production: make it a dependency of the workspace.',
    from: { path: '^(services|packages)/[^/]+/src/', pathNot: TESTS },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
  {
    name: 'packages-by-name',
    comment: 'Import a workspace by its name, and name it in the package.json of the importer.',
    from: { path: '^(services|packages)/([^/]+)/' },
    to: { path: '^(services|packages)/', pathNot: '^$1/$2/', dependencyTypes: ['local'] },
  },
];

export default {
  forbidden: forbidden.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    // An import of types only is a dependency too.
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    exclude: { path: '(^|/)dist/' },
    doNotFollow: { path: '(^|/)node_modules/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      mainFields: ['main', 'types'],
    },
  },
};
