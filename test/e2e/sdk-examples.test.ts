/** The examples of the SDK's documentation: each is a program that type-checks, runs, and prints what it says. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { globSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { firstMissing, type Program, programsOf, readBlocks } from './support/page.ts';
import { createKey } from './support/rest.ts';
import { type Stack, sharedStack } from './support/stack.ts';

const root = join(import.meta.dirname, '../..');
const run = promisify(execFile);
const PAGES = [
  'packages/sdk/README.md',
  ...globSync('docs/{sdk,troubleshooting}/*.md', { cwd: root }).sort(),
];
/** How the sources of the SDK are reached from outside of the checkout, and in it. */
const FLAGS = ['--conditions=source', '--disable-warning=ExperimentalWarning'];
const SCOPES = ['mlflow:read', 'mlflow:write', 'mlflow:delete'];
const NOWHERE = 'http://127.0.0.1:9/mlflow';

const TSCONFIG = {
  compilerOptions: {
    strict: true,
    noEmit: true,
    target: 'es2022',
    lib: ['es2024', 'esnext.disposable'],
    module: 'nodenext',
    types: ['node'],
    customConditions: ['source'],
    allowImportingTsExtensions: true,
    allowJs: true,
    checkJs: true,
    skipLibCheck: true,
  },
  include: ['*.ts', '*.cjs'],
};

for (const page of PAGES) {
  const programs = programsOf(readBlocks(page));
  if (programs.length > 0) describeExamples(page, programs);
}

function describeExamples(page: string, programs: readonly Program[]): void {
  describe(`examples of ${page}`, function () {
    this.timeout(60_000);
    let stack: Stack;
    let folder: string;
    let key: string;

    before(async function () {
      this.timeout(300_000);
      stack = await sharedStack();
      key = (await createKey(stack.gatewayUrl, stack.adminKey, { name: page, scopes: SCOPES })).key;
      folder = await projectWith(programs);
    });
    after(() => rm(folder, { recursive: true }));

    it('are of correct types, under strict settings', async () => {
      const tsc = join(root, 'node_modules/typescript-7/bin/tsc');
      const { stdout } = await run(process.execPath, [tsc, '-p', folder]).catch((error) => error);
      assert.equal(stdout, '');
    });

    for (const program of programs)
      it(`${program.file} runs, and prints what it says`, async () => {
        const isMock = /mockMode: true|createMockExperimentManager/.test(program.text);
        const { stdout } = await run(process.execPath, [...FLAGS, program.file], {
          cwd: folder,
          timeout: 60_000,
          env: {
            PATH: process.env['PATH'],
            HOME: folder,
            MLFLOW_TRACKING_URI: isMock ? NOWHERE : `${stack.gatewayUrl}/mlflow`,
            ...(isMock ? {} : { MLFLOW_TRACKING_TOKEN: key }),
          },
        });
        const missing = firstMissing(stdout.split('\n'), program.prints);
        assert.equal(missing, undefined, stdout);
      });
  });
}

/** An empty project with the programs, and with a model to upload. */
async function projectWith(programs: readonly Program[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'hokusai-examples-'));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  await mkdir(join(folder, 'model'));
  const files = {
    'package.json': '{"type": "module"}',
    'tsconfig.json': JSON.stringify(TSCONFIG),
    'model/weights.bin': 'w'.repeat(100_000),
    'model/config.json': '{}',
    ...Object.fromEntries(programs.map(({ file, text }) => [file, text])),
  };
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}
