/** Help and completion, which are there without a gateway. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { hokusai, temporaryFolder } from './support/command.ts';

const GROUPS = {
  auth: [
    'login',
    'logout',
    'whoami',
    'create-key',
    'list-keys',
    'show-key',
    'update-key',
    'revoke-key',
    'rotate-key',
    'end-grace',
    'observe-report',
  ],
  users: ['list', 'create', 'show', 'update', 'disable', 'enable'],
  usage: ['summary', 'top', 'unused', 'watch', 'integrity'],
  audit: ['list', 'show', 'export', 'verify', 'tail'],
  models: ['list', 'show', 'register', 'download', 'versions', 'alias', 'tag'],
};

describe('help', () => {
  it('of the whole and of the groups lists what there is', async () => {
    const whole = (await hokusai(['--help'])).stdout;
    for (const name of [...Object.keys(GROUPS), 'completion', 'HOKUSAI_API_URL', 'HOKUSAI_API_KEY']) {
      assert.ok(whole.includes(name), name);
    }
    for (const [group, names] of Object.entries(GROUPS)) {
      const { stdout } = await hokusai([group, '--help']);
      for (const name of names) assert.match(stdout, new RegExp(`\\n  ${name} `));
    }
  });

  it('is what a group without a command shows, on stderr', async () => {
    for (const args of [[], ['auth'], ['users'], ['usage'], ['audit'], ['models'], ['models', 'alias']]) {
      const { code, stdout, stderr } = await hokusai(args);
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, /^Usage: hokusai/);
    }
  });

  it('says what a cascade reaches, and what not', async () => {
    const { stdout } = await hokusai(['auth', 'revoke-key', '--help']);
    assert.match(stdout, /--cascade reaches the keys that this key created/);
    assert.match(stdout, /Out of its reach is what\nwas got by rotating other keys: .* key\.rotated/);
    assert.match(stdout, /\n {2}\$ hokusai auth revoke-key/);
  });

  it('has the version', async () => {
    assert.match((await hokusai(['--version'])).stdout, /^\d+\.\d+\.\d+\n$/);
  });
});

describe('completion', () => {
  const complete = async (...words: string[]) => {
    const { stdout } = await hokusai(['complete', '--', ...words]);
    return stdout
      .split('\n')
      .flatMap((line) => (line === '' || line.startsWith(':') ? [] : [line.split('\t')[0]]));
  };

  it('knows commands, options and their values', async () => {
    assert.deepEqual(await complete('auth', 're'), ['revoke-key']);
    assert.deepEqual(await complete('auth', 'list-keys', '--state', ''), ['active', 'expired', 'revoked']);
    assert.deepEqual(await complete('auth', 'create-key', '--scope', 'keys:'), ['keys:read', 'keys:write']);
    assert.deepEqual(await complete('--profile', 'x', 'users', 'e'), ['enable']);
    assert.deepEqual(await complete('completion', ''), ['bash', 'zsh', 'fish']);
    assert.deepEqual(await complete('comp'), ['completion']);
    assert.deepEqual(await complete('users', 'create', '--n'), []);
    assert.deepEqual(await complete('usage', 'summary', '--every', ''), ['minute', 'hour', 'day']);
    assert.deepEqual(await complete('usage', 'top', '--by', 'e'), ['endpoint']);
    assert.deepEqual(await complete('usage', 'in'), ['integrity']);
    assert.deepEqual(await complete('audit', 'list', '--outcome', 'f'), ['failed']);
    assert.deepEqual(await complete('audit', 've'), ['verify']);
    assert.deepEqual(await complete('models', 'v'), ['versions']);
    assert.deepEqual(await complete('models', 'alias', ''), ['set', 'delete']);
  });

  it('has a script for each shell', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const { code, stdout } = await hokusai(['completion', shell]);
      assert.equal(code, 0);
      assert.match(stdout, /hokusai complete -- /);
    }
    assert.equal((await hokusai(['completion', 'tcsh'])).code, 2);
  });

  it('works in bash, for values with colons too, and without running what was typed', async () => {
    const folder = await temporaryFolder();
    const bin = join(import.meta.dirname, '../bin/hokusai.js');
    await chmod(bin, 0o755);
    await symlink(bin, join(folder.path, 'hokusai'));
    await writeFile(
      join(folder.path, 'try.sh'),
      `source <(hokusai completion bash)
      for COMP_LINE; do COMP_POINT=\${#COMP_LINE}; _hokusai; (IFS=,; echo "\${COMPREPLY[*]}"); done`,
    );
    const lines = [
      'hokusai use',
      'hokusai auth create-key --scope mlflow:r',
      'hokusai auth list-keys --state=re',
      'hokusai auth $(touch ran) ',
    ];
    const { stdout } = await promisify(execFile)('bash', ['try.sh', ...lines], {
      cwd: folder.path,
      env: { PATH: `${folder.path}:${process.env['PATH']}`, HOME: folder.path },
    });
    assert.deepEqual(stdout.split('\n').slice(0, 3), ['users', 'read', 'revoked']);
    const { stdout: left } = await promisify(execFile)('ls', { cwd: folder.path });
    assert.equal(left, 'hokusai\ntry.sh\n');
    await folder.remove();
  });
});
