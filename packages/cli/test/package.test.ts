/** The published package: packed, unpacked elsewhere, and run on every Node that is here. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, symlink } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { hokusai, temporaryFolder } from './support/command.ts';
import { answer, type FakeGateway, startFakeGateway } from './support/fake-gateway.ts';
import { CALLER_KEY, newKeyJson, PLAINTEXT } from './support/samples.ts';

const run = promisify(execFile);
const cli = join(import.meta.dirname, '..');
const root = join(cli, '../..');
const SDK = '@hokusai/ml-platform';
const BUILD_TIMEOUT_MS = 240_000;

const MODEL = {
  name: 'churn',
  creation_timestamp: 1_700_000_000_000,
  last_updated_timestamp: 1_700_000_000_000,
};

describe('the published package', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let gateway: FakeGateway;
  let bin: string;
  before(async function () {
    this.timeout(BUILD_TIMEOUT_MS);
    gateway = await startFakeGateway();
    folder = await temporaryFolder();
    bin = await install(await pack(folder.path), folder.path);
  });
  after(async () => {
    await gateway.close();
    await folder.remove();
  });

  it('holds the command, its README, and nothing to test or build it', async () => {
    const files = await readdir(join(bin, '../..'), { recursive: true });
    for (const file of ['dist/cli/src/main.js', 'README.md', 'LICENSE'])
      assert.ok(files.includes(file), file);
    assert.deepEqual(
      files.filter((file) => /\.ts$|test|tsconfig|^src/.test(file)),
      [],
    );
  });

  it('needs nothing but what it names', async () => {
    const { dependencies } = JSON.parse(await readFile(join(bin, '../../package.json'), 'utf8'));
    assert.deepEqual(
      (await readdir(join(folder.path, 'node_modules'))).sort(),
      ['@bomb.sh', '@hokusai', ...Object.keys(dependencies).filter((name) => !name.startsWith('@'))].sort(),
    );
  });

  for (const node of nodes()) {
    it(`runs on ${node}`, async () => {
      const { stdout: version } = await run(node, ['--version']);
      assert.ok(Number(version.slice(1).split('.')[0]) >= 20, version);
      gateway.reply(answer(201, newKeyJson()));
      const env = { HOKUSAI_API_URL: gateway.url, HOKUSAI_API_KEY: CALLER_KEY };
      const program = [node, bin] as const;
      const created = await hokusai(['auth', 'create-key', '--name', 'ci'], { env, program });
      assert.deepEqual([created.code, created.stdout], [0, `${PLAINTEXT}\n`], created.stderr);
      assert.match((await hokusai(['--help'], { program })).stdout, /^Usage: hokusai/);
      gateway.reply(answer(200, { registered_models: [MODEL] }));
      assert.match((await hokusai(['models', 'list'], { env, program })).stdout, /^NAME .*\nchurn /);
      const examined = await hokusai(['doctor', '--json', '--tracking-uri', 'http://127.0.0.1:1'], {
        program,
      });
      assert.deepEqual([examined.code, JSON.parse(examined.stdout).failure], [10, 'unavailable']);
      const { code, stderr } = await hokusai(['auth', 'whoami'], { program, env: { HOME: folder.path } });
      assert.equal(code, 3);
      assert.match(stderr, /no API key/);
      assert.match((await hokusai(['complete', '--', 'us'], { program })).stdout, /^users\t/);
    });
  }

  /** Returns the archives of the command and of the SDK, by which it asks MLflow. */
  async function pack(target: string): Promise<[string, string]> {
    const args = ['run', 'pack', '--silent', '--', '--to', target, 'packages/cli', 'packages/sdk'];
    const { stdout } = await run('npm', args, { cwd: root });
    return stdout.trim().split('\n') as [string, string];
  }

  /** Unpacks both as npm would, and links the other packages that it names; returns the path of the command. */
  async function install([archive, sdk]: [string, string], target: string): Promise<string> {
    const home = await unpack(archive, '@hokusai/cli', target);
    await unpack(sdk, SDK, target);
    const { dependencies } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
    for (const name of Object.keys(dependencies).filter((name) => name !== SDK)) {
      const installed = [cli, root].map((folder) => join(folder, 'node_modules', name)).find(existsSync);
      const link = join(target, 'node_modules', name);
      await mkdir(dirname(link), { recursive: true });
      await symlink(installed ?? '', link);
    }
    return join(home, 'bin/hokusai.js');
  }

  async function unpack(archive: string, name: string, target: string): Promise<string> {
    const home = join(target, 'node_modules', name);
    await mkdir(home, { recursive: true });
    await run('tar', ['-xzf', archive, '-C', home, '--strip-components=1']);
    return home;
  }
});

/** The running one, and the system's, which may be older. */
function nodes(): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders.map((folder) => join(folder, 'node')).filter((path) => existsSync(path));
  const own = found.filter((path) => !path.includes('node_modules'));
  return [process.execPath, ...own.slice(0, 1)];
}
