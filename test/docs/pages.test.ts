/** Every block of every page: run on a running stack, from the top of the page to its end. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sharedStack } from '../e2e/support/stack.ts';
import { type Block, blocksOf, findPages, readPage, root } from './support/page.ts';
import { PROGRAM_LANGUAGES, type Program, programsOf } from './support/programs.ts';
import { type Reader, readerOf } from './support/reader.ts';
import { problemOfExample } from './support/schemas.ts';
import { checkSettings, settingsOfCompose, settingsOfText } from './support/settings.ts';
import { firstMissing, isAsShown, sessionOf } from './support/shown.ts';

/** Output, diagrams, and what a test holds that is named above it. */
const NOTHING_TO_RUN = ['text', 'mermaid', 'ini'];
/** Of a page whose reader has neither key nor address before it. */
const NEW_READER = '<!-- reader: new -->';
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
};

type Runner = (block: Block, reader: Reader) => Promise<void> | void;

/** How a block is run, by its language. */
const RUNNERS: Record<string, Runner> = {
  console: async (block, reader) => {
    const { script, shown } = sessionOf(block.text);
    assert.notEqual(script, '', 'a console block has a line that begins with "$ "');
    await type(block, script, shown, reader);
  },
  sh: (block, reader) => type(block, block.text, [], reader),
  bash: (block, reader) => type(block, block.text, [], reader),
  python: async (block, reader) => {
    await writeFile(join(reader.folder, '.block.py'), `${block.first}\n${block.text}`);
    await type({ ...block, first: '' }, 'python .block.py', [], reader);
  },
  json: async ({ text, marks }, { gatewayUrl }) => {
    assert.equal(await problemOfExample(text, marks.get('schema') ?? '', gatewayUrl), '');
  },
  yaml: (block, reader) => {
    const service = block.marks.get('settings of') ?? '';
    return checked(service, settingsOfCompose(block.text, service), reader);
  },
  dotenv: (block, reader) =>
    checked(block.marks.get('settings of') ?? '', settingsOfText(block.text), reader),
};

/** One of each service, whose logs are where the pages say. */
const AS_A_READER_HAS_IT = { replicas: 1 };

const notRun: string[] = [];
for (const page of findPages()) describePage(page);
after(() => {
  if (notRun.length > 0) process.stdout.write(`\n  not run:\n    ${notRun.join('\n    ')}\n`);
});

function describePage(page: string): void {
  const text = readPage(page);
  const blocks = blocksOf(text);
  if (blocks.length === 0) return;
  const programs = programsOf(blocks);
  describe(page, function () {
    this.timeout(180_000);
    let reader: Reader;

    before(async function () {
      this.timeout(300_000);
      reader = await readerOf(await sharedStack(AS_A_READER_HAS_IT), page, text.includes(NEW_READER));
      for (const block of blocks)
        if (block.file !== undefined) await writeFile(join(reader.folder, block.file), block.text);
    });
    after(() => reader?.leave());

    for (const block of blocks) describeBlock(page, block, () => reader);
    if (programs.length > 0) describePrograms(programs, () => reader);
  });
}

function describeBlock(page: string, block: Block, reader: () => Reader): void {
  const { language, line, notRun: reason, file } = block;
  if (reason !== undefined) notRun.push(`${page}:${line} ${reason}`);
  const isHeldElsewhere = NOTHING_TO_RUN.includes(language) || block.marks.has('tested by');
  if (reason !== undefined || isHeldElsewhere) return;
  if (file !== undefined || PROGRAM_LANGUAGES.includes(language)) return;
  const runner = RUNNERS[language];
  it(`line ${line}: ${language} works as it says`, async () => {
    assert.ok(runner, `no way to run a block of "${language}": see docs/development.md`);
    await runner(block, reader());
  });
}

async function checked(service: string, settings: Record<string, string>, reader: Reader): Promise<void> {
  const { exitCode, output } = await checkSettings(service, settings, reader);
  assert.equal(exitCode, 0, output);
}

async function type({ exitCode, first }: Block, script: string, shown: string[], reader: Reader) {
  if (first !== '') {
    const { exitCode: prepared, output } = await reader.type(first);
    assert.equal(prepared, 0, output);
  }
  const ended = await reader.type(script);
  assert.equal(ended.exitCode, exitCode, ended.output);
  const lines = (exitCode === 0 ? ended.stdout : ended.output).split('\n');
  const missing = firstMissing(
    lines,
    shown.filter((line) => line.trim() !== ''),
    isAsShown,
  );
  assert.equal(missing, undefined, ended.output);
}

function describePrograms(programs: readonly Program[], reader: () => Reader): void {
  it('has programs of correct types, under strict settings', async () => {
    const { folder, run } = reader();
    for (const { file, text } of programs) await writeFile(join(folder, file), text);
    const tsconfig = { ...TSCONFIG, files: programs.map(({ file }) => file) };
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig));
    const tsc = join(root, 'node_modules/typescript-7/bin/tsc');
    const { output } = await run(process.execPath, [tsc, '-p', 'tsconfig.json']);
    assert.equal(output, '');
  });

  for (const program of programs)
    it(`${program.file} runs, and prints what it says`, async () => {
      const isMock = /mockMode: true|createMockExperimentManager/.test(program.text);
      const nowhere = { MLFLOW_TRACKING_URI: NOWHERE, MLFLOW_TRACKING_TOKEN: '' };
      const { exitCode, stdout, output } = await reader().run(
        process.execPath,
        [program.file],
        isMock ? nowhere : {},
      );
      assert.equal(exitCode, 0, output);
      assert.equal(firstMissing(stdout.split('\n'), program.prints), undefined, output);
    });
}
