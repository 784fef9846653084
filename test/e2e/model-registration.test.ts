/** docs/cli/model-registration.md, typed from its top to its end: TypeScript, Python and shell on the running stack. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { type Block, firstMissing, isAsShown, readBlocks, sessionOf } from './support/page.ts';
import { type Stack, sharedStack } from './support/stack.ts';

const root = join(import.meta.dirname, '../..');
const PAGE = 'docs/cli/model-registration.md';
const LANGUAGES = ['console', 'ts', 'python'];
/** Variables go on from one block to the next, as in the shell that a reader types them in. */
const RESTORE = '[ ! -f .variables ] || source .variables';
const SAVE = "declare -p | grep -E '^declare -(-|x) (HOKUSAI|MLFLOW|RUN|VERSION)' > .variables";
/** Not every machine has jq, of which the page needs a field by its name. */
const JQ = `#!/usr/bin/env node
import { readFileSync } from 'node:fs';
console.log(JSON.parse(readFileSync(0, 'utf8'))[process.argv[3].slice(1)]);
`;

describe('the page about registering a model', function () {
  this.timeout(120_000);
  const blocks = readBlocks(PAGE);
  const sessions = blocks.filter(({ language }) => language === 'console');
  const sections = [...new Set(sessions.map(({ section }) => section))];
  let stack: Stack;
  let folder: string;

  before(async function () {
    this.timeout(300_000);
    stack = await sharedStack();
    folder = await mkdtemp(join(tmpdir(), 'hokusai-registration-'));
    await mkdir(join(folder, 'bin'));
    await writeFile(join(folder, 'bin/jq'), JQ);
    await chmod(join(folder, 'bin/jq'), 0o755);
    await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
    await writeFile(join(folder, 'package.json'), '{"type": "module"}');
    for (const { language, text, before: line } of blocks) {
      const [, file] = /`([\w.]+)`:$/.exec(line) ?? [];
      if (language !== 'console' && file !== undefined) await writeFile(join(folder, file), text);
    }
  });
  after(() => rm(folder, { recursive: true }));

  it('has no block that is not run', () => {
    for (const { language, before: line } of blocks) {
      assert.ok(LANGUAGES.includes(language), language);
      if (language !== 'console') assert.match(line, /^[^`]*.*`register\.\w+`:$/);
    }
  });

  for (const section of sections)
    it(`works as it says: ${section}`, async () => {
      const typed = sessions.filter((block) => block.section === section);
      for (const block of typed) await type(block);
    });

  /** Runs what a block has typed, and looks for what it shows. */
  async function type({ text }: Block): Promise<void> {
    const { script, shown } = sessionOf(text);
    const commands = script
      // The stack of the tests has another address, and another home.
      .replaceAll('http://127.0.0.1:8080', stack.gatewayUrl)
      .replaceAll('.hokusai/', `${stack.home}/`);
    const { stdout } = await promisify(execFile)('bash', ['-ec', [RESTORE, commands, SAVE].join('\n')], {
      cwd: folder,
      env: {
        PATH: [
          join(folder, 'bin'),
          dirname(stack.python),
          join(root, 'node_modules/.bin'),
          dirname(process.execPath),
          process.env['PATH'],
        ].join(':'),
        HOME: folder,
        NODE_OPTIONS: '--conditions=source',
        MLFLOW_DISABLE_TELEMETRY: 'true',
        GIT_PYTHON_REFRESH: 'quiet',
      },
      maxBuffer: 2 ** 24,
    });
    assert.equal(firstMissing(stdout.split('\n'), shown, isAsShown), undefined, stdout);
  }
});
