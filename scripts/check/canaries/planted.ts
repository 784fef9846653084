/** Violations, one for each rule, and what `npm run check` must say about them. */
export interface Planted {
  /** The check that must fail. */
  check: string;
  rule: string;
  /** Where the violation is: a file of its own, unless the scaffold holds it. */
  path: string;
  text?: string;
  /** What the output must hold. */
  expected: RegExp;
}

export const SERVICE = 'services/planted';
const SRC = `${SERVICE}/src`;
const PROTOS = 'protos/hokusai/planted/v1';

/** The import in a file of its own breaks the import rule. */
function forbiddenImport(rule: string, folder: string, specifier: string): Planted {
  const path = `${folder}/planted-${rule}${specifier.startsWith('@') ? '-by-name' : ''}.ts`;
  const expected = new RegExp(`^${rule}: ${path} → `, 'm');
  return { check: 'boundaries', rule, path, text: `import '${specifier}';\n`, expected };
}

/** The code in a file of its own breaks the rule of the linter. */
function badStyle(rule: string, text: string): Planted {
  const path = `${SRC}/planted-${rule.replaceAll('/', '-')}.ts`;
  return { check: 'style', rule, path, text, expected: new RegExp(`^${path}\\S* (lint/)?${rule}\\b`, 'm') };
}

function bad(check: string, rule: string, path: string, expected: RegExp, text?: string): Planted {
  return { check, rule, path, expected, ...(text === undefined ? {} : { text }) };
}

const manyLines = (count: number) =>
  Array.from({ length: count }, (_, line) => `export const line${line} = ${line};\n`).join('');

const TYPES = [
  bad(
    'types',
    'types match',
    `${SRC}/planted-type.ts`,
    /planted-type\.ts\(1,14\): error TS2322/,
    `export const limit: number = 'many';\n`,
  ),
  bad(
    'types',
    'only erasable syntax',
    `${SRC}/planted-enum.ts`,
    /planted-enum\.ts\(1,13\): error TS1294/,
    'export enum Planted {\n  One,\n}\n',
  ),
];

const STYLE = [
  badStyle('format', 'export const  spaced = 1'),
  badStyle(
    'assist/source/organizeImports',
    `import { b } from './b.ts';\nimport { a } from './a.ts';\n\nb(a);\n`,
  ),
  badStyle('suspicious/noExplicitAny', 'export const same = (value: any) => value;\n'),
  badStyle('suspicious/noConsole', `console.log('to nobody');\n`),
  badStyle('suspicious/noFocusedTests', `it.only('alone', () => undefined);\n`),
  badStyle('suspicious/noSkippedTests', `it.skip('later', () => undefined);\n`),
  badStyle('correctness/noUnusedVariables', 'const forgotten = 1;\n'),
  badStyle('correctness/noUnusedImports', `import { join } from 'node:path';\n`),
  badStyle('correctness/noUndeclaredDependencies', `import express from 'express';\n\nexpress();\n`),
  badStyle('correctness/useImportExtensions', `import { a } from './planted-type';\n\na();\n`),
  badStyle('nursery/noFloatingPromises', 'async function save() {\n  await 0;\n}\n\nsave();\n'),
  badStyle('style/noProcessEnv', 'export const home = process.env.HOME;\n'),
  badStyle('style/useImportType', `import { A } from './a.ts';\n\nexport type B = A;\n`),
  badStyle('style/useNodejsImportProtocol', `import { join } from 'path';\n\njoin('a');\n`),
  badStyle('style/noExcessiveLinesPerFile', manyLines(400)),
  badStyle('complexity/noExcessiveLinesPerFunction', `export function f() {\n${'  f();\n'.repeat(60)}}\n`),
  badStyle(
    'complexity/noExcessiveCognitiveComplexity',
    `export function f(a: number) {\n${'if (a) { for (;;) {\n'.repeat(5)}${'}}\n'.repeat(5)}}\n`,
  ),
];

const BOUNDARIES = [
  forbiddenImport('no-cycle', SRC, './planted-no-cycle.ts'),
  forbiddenImport('no-unresolvable', SRC, './not-there.ts'),
  forbiddenImport('service-not-to-service', SRC, '../../planted-other/src/main.ts'),
  forbiddenImport('service-not-to-service', SRC, '@hokusai/usage'),
  forbiddenImport('package-not-to-service', 'packages/contracts/src', '@hokusai/planted-other'),
  forbiddenImport('contracts-siblings', 'packages/contracts/src', '@hokusai/service-kit'),
  forbiddenImport('key-format-siblings', 'packages/key-format/src', '@hokusai/contracts'),
  forbiddenImport('audit-chain-siblings', 'packages/audit-chain/src', '@hokusai/contracts'),
  forbiddenImport('service-kit-siblings', 'packages/service-kit/src', '@hokusai/local-stack'),
  forbiddenImport('sdk-siblings', 'packages/sdk/src', '@hokusai/key-format'),
  forbiddenImport('cli-siblings', 'packages/cli/src', '@hokusai/contracts'),
  forbiddenImport('key-format-is-pure', 'packages/key-format/src', 'node:fs'),
  forbiddenImport('audit-chain-is-pure', 'packages/audit-chain/src', 'node:fs'),
  forbiddenImport('domain-is-pure', `${SRC}/domain`, 'node:fs'),
  forbiddenImport('domain-takes-types-of-contracts', `${SRC}/domain`, '@hokusai/contracts'),
  forbiddenImport('adapter-not-to-adapter', `${SRC}/storage`, '../grpc/server.ts'),
  forbiddenImport('use-case-not-to-adapter', `${SRC}/application`, '../grpc/server.ts'),
  forbiddenImport('nothing-to-main', SRC, './main.ts'),
  forbiddenImport('product-not-to-test-support', SRC, '@hokusai/testing'),
  forbiddenImport('local-stack-not-to-testing', 'packages/local-stack/src', '@hokusai/testing'),
  forbiddenImport('nothing-to-tests', SRC, './some.test.ts'),
  forbiddenImport('no-dev-dependency-in-product', SRC, 'fast-check'),
  forbiddenImport('packages-by-name', SRC, '../../../packages/contracts/src/errors.ts'),
];

const DEAD_CODE = [
  bad('dead-code', 'unused file', `${SRC}/unused.ts`, /^services\/planted\/src\/unused\.ts/m, 'export {};\n'),
  bad('dead-code', 'unused export', `${SRC}/used.ts`, /^forgotten .*services\/planted\/src\/used\.ts/m),
  bad(
    'dead-code',
    'unused dependency',
    `${SERVICE}/package.json`,
    /^undici .*services\/planted\/package\.json/m,
  ),
  bad('dead-code', 'unlisted dependency', `${SRC}/used.ts`, /^lru-cache .*services\/planted\/src\/used\.ts/m),
];

const GENERATED = 'packages/contracts/src/gen';

const PROTO = [
  bad(
    'proto-lint',
    'SERVICE_SUFFIX',
    `${PROTOS}/lint.proto`,
    /lint\.proto:6:9:Service name "Planted" should be suffixed/,
    'syntax = "proto3";\n\npackage hokusai.planted.v1;\n\n// Planted.\nservice Planted {}\n',
  ),
  bad(
    'proto-format',
    'indentation',
    `${PROTOS}/format.proto`,
    /^\+ {2}string name = 1;$/m,
    'syntax = "proto3";\n\npackage hokusai.planted.v1;\n\nmessage Format {\nstring name = 1;\n}\n',
  ),
  bad(
    'proto-breaking',
    'FIELD_SAME_TYPE',
    'protos/hokusai/keys/v1/types.proto',
    /types\.proto:\S+ ?Field "1" .* changed type from "string" to "bytes"/,
  ),
  bad('generated', 'missing types', `${PROTOS}/format.proto`, /gen\/hokusai\/planted\/v1\/Format\.ts/),
  bad('generated', 'types of nothing', `${GENERATED}/old.ts`, /src\/gen\/old\.ts/, 'export {};\n'),
  bad('generated', 'a stale description', 'docs/asyncapi.yaml', /docs\/asyncapi\.yaml/, 'asyncapi: 3.0.0\n'),
];

const migrations = (service: string) => `services/${service}/migrations`;

const RELEASED = [
  bad(
    'released',
    'migration-changed',
    `${migrations('keys')}/0002_expiry.sql`,
    /^migration-changed: services\/keys\/migrations\/0002_expiry\.sql \(since 0\.1\.0\)$/m,
  ),
  bad(
    'released',
    'migration-removed',
    `${migrations('usage')}/0002_ingest.sql`,
    /^migration-removed: services\/usage\/migrations\/0002_ingest\.sql /m,
  ),
  bad(
    'released',
    'migration-out-of-order',
    `${migrations('audit')}/0000_before.sql`,
    /^migration-out-of-order: services\/audit\/migrations\/0000_before\.sql /m,
    'select 1;\n',
  ),
  bad(
    'released',
    'migration-not-additive',
    `${migrations('audit')}/9999_after.sql`,
    /^migration-not-additive: services\/audit\/migrations\/9999_after\.sql: drop table$/m,
    'drop table audit_events;\n',
  ),
  bad(
    'released',
    'event-changed',
    'releases/0.1.0/events.json',
    /^event-changed: hokusai\.usage\.v1\.requests: \S+ was removed \(since 0\.1\.0\)$/m,
  ),
  bad(
    'released',
    'name-removed',
    'releases/0.1.0/names.json',
    /^name-removed: error key_forgotten \(since 0\.1\.0\)$/m,
  ),
  bad(
    'released',
    'newly-required',
    'releases/0.1.0/names.json',
    /^newly-required: GET \/api\/v1\/auth\/keys\/\{id\} path id \(since 0\.1\.0\)$/m,
  ),
  bad(
    'released',
    'release-not-recorded',
    'CHANGELOG.md',
    /^release-not-recorded: 9\.9\.9 stands in CHANGELOG\.md;/m,
  ),
];

const LOCK_FILE = [
  bad(
    'lock-file',
    'lock-names-host',
    'package-lock.json',
    /^lock-names-host: node_modules\/planted-host is /m,
  ),
  bad(
    'lock-file',
    'install-script',
    'package-lock.json',
    /^install-script: node_modules\/planted-script has /m,
  ),
  bad(
    'lock-file',
    'lock-out-of-date',
    'package-lock.json',
    /^lock-out-of-date: services\/planted\/.* in pg;/m,
  ),
  bad('lock-file', 'not-exact', 'package-lock.json', /^not-exact: services\/planted\/.* pg \^8\.0\.0;/m),
];

const VARIABLES = [
  bad(
    'variables',
    'a variable that nothing reads',
    'docs/planted.md',
    /docs\/planted\.md: HOKUSAI_PLANTED/,
    'Set `HOKUSAI_PLANTED`.\n',
  ),
  bad(
    'variables',
    'a family that nothing reads',
    'docs/planted-family.md',
    /docs\/planted-family\.md: PLANTED_/,
    'Set `PLANTED_…`.\n',
  ),
];

export const PLANTED: readonly Planted[] = [
  ...TYPES,
  ...STYLE,
  ...BOUNDARIES,
  ...DEAD_CODE,
  ...PROTO,
  ...RELEASED,
  ...LOCK_FILE,
  ...VARIABLES,
];
