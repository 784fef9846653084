/** Logging in and out, and which key goes where. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { chmod, lstat, mkdir, readdir, readFile, rename, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { hokusai, temporaryFolder } from './support/command.ts';
import { answer, type FakeGateway, problem, startFakeGateway } from './support/fake-gateway.ts';
import { CALLER_KEY, PLAINTEXT, whoamiJson } from './support/samples.ts';

describe('a profile', () => {
  let gateway: FakeGateway;
  let other: FakeGateway;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let env: Record<string, string>;
  beforeEach(async () => {
    gateway = await startFakeGateway();
    other = await startFakeGateway();
    gateway.reply(answer(200, whoamiJson()));
    folder = await temporaryFolder();
    env = { XDG_CONFIG_HOME: folder.path };
  });
  afterEach(async () => {
    await gateway.close();
    await other.close();
    await folder.remove();
  });

  const file = (name: string) => join(folder.path, 'hokusai/profiles', `${name}.json`);
  const login = (...args: string[]) =>
    hokusai(['auth', 'login', '--url', gateway.url, ...args], { env, input: `${CALLER_KEY}\n` });
  const whoami = (args: string[] = [], more: Record<string, string> = {}) =>
    hokusai(['auth', 'whoami', ...args], { env: { ...env, ...more } });
  const lastKey = () => gateway.asked.at(-1)?.headers.authorization;

  it('keeps address and key where only their owner may read them', async () => {
    const { code, stdout, stderr } = await login();
    assert.deepEqual([code, stdout], [0, ''], stderr);
    assert.deepEqual(JSON.parse(await readFile(file('default'), 'utf8')), {
      url: gateway.url,
      key: CALLER_KEY,
    });
    assert.equal((await stat(file('default'))).mode & 0o777, 0o600);
    for (const path of ['hokusai', 'hokusai/profiles']) {
      assert.equal((await stat(join(folder.path, path))).mode & 0o777, 0o700);
    }
    assert.deepEqual(await readdir(join(folder.path, 'hokusai/profiles')), ['default.json']);
    assert.match(stderr, /Logged in at .* as Ada \(admin\) with the key hk_live_CALLER000000\./);
    assert.equal((await whoami()).code, 0);
    assert.equal(lastKey(), `Bearer ${CALLER_KEY}`);
  });

  it('is not written for a key that does not work', async () => {
    gateway.reply(problem(401, 'unknown_key', 'Unknown.'));
    assert.equal((await login()).code, 4);
    assert.equal((await hokusai(['auth', 'login', '--url', gateway.url], { env, input: '' })).code, 3);
    await assert.rejects(stat(file('default')), { code: 'ENOENT' });
  });

  it('is one of several by name, and removed by name', async () => {
    await login('--profile', 'staging');
    assert.equal((await whoami(['--profile', 'staging'])).code, 0);
    assert.equal((await whoami()).code, 3);
    const unknown = await hokusai(['--profile', 'prod', 'auth', 'whoami'], { env });
    assert.equal(unknown.code, 3);
    assert.match(unknown.stderr, /There are: staging\./);
    const out = () => hokusai(['auth', 'logout', '--profile', 'staging'], { env });
    assert.match((await out()).stderr, /Removed the profile "staging"/);
    const again = await out();
    assert.deepEqual([again.code, again.stderr], [0, 'There was no profile "staging".\n']);
  });

  it('gives way to the variables, and says so where it was asked for', async () => {
    await login();
    await whoami([], { HOKUSAI_API_KEY: PLAINTEXT });
    assert.equal(lastKey(), `Bearer ${PLAINTEXT}`);
    const { stderr } = await whoami(['--profile', 'default'], { HOKUSAI_API_KEY: PLAINTEXT });
    assert.equal(lastKey(), `Bearer ${PLAINTEXT}`);
    assert.match(stderr, /HOKUSAI_API_KEY goes before the key of profile "default"/);
  });

  it('has its key sent nowhere but to its address', async () => {
    await login();
    for (const [args, more] of [
      [['--url', other.url], {}],
      [[], { HOKUSAI_API_URL: other.url }],
    ] as const) {
      const { code, stderr } = await whoami([...args], more);
      assert.equal(code, 3);
      assert.match(stderr, /belongs to http:.*, and is not sent to/);
    }
    assert.equal(other.asked.length, 0);
    assert.equal((await whoami([], { HOKUSAI_API_URL: `${gateway.url}/` })).code, 0);
  });

  it('that others may read is refused', async () => {
    await login();
    await chmod(file('default'), 0o640);
    const { code, stderr } = await whoami();
    assert.equal(code, 3);
    assert.match(stderr, /chmod 600/);
  });

  it('that can not be read is named', async () => {
    await mkdir(join(folder.path, 'hokusai/profiles'), { recursive: true });
    await writeFile(file('default'), '{"url": 1', { mode: 0o600 });
    const { code, stderr } = await whoami();
    assert.equal(code, 3);
    assert.ok(stderr.includes(file('default')), stderr);
    assert.equal((await login()).code, 0);
  });

  for (const [what, put] of [
    ['a folder', (path: string) => mkdir(path)],
    ['a pipe', (path: string) => promisify(execFile)('mkfifo', ['-m', '600', path])],
    ['a link to a device', (path: string) => symlink('/dev/full', path)],
    ['a link to .*elsewhere', (path: string) => symlink('elsewhere', path)],
  ] as const) {
    it(`is not put in the place of ${what}, and nothing is asked for`, async () => {
      await mkdir(dirname(file('default')), { recursive: true });
      await put(file('default'));
      const { ino } = await lstat(file('default'));
      const { code, stderr } = await login();
      assert.equal(code, 3);
      assert.match(stderr, new RegExp(`default.json is ${what}, where the file of a profile should be`));
      assert.equal(gateway.asked.length, 0);
      assert.equal((await lstat(file('default'))).ino, ino);
      assert.deepEqual(await readdir(dirname(file('default'))), ['default.json']);
    });
  }

  it('whose folder can not be made is refused at once', async () => {
    const { code, stderr } = await hokusai(['auth', 'login', '--url', gateway.url], {
      env: { XDG_CONFIG_HOME: '/proc/nope' },
      input: `${CALLER_KEY}\n`,
    });
    assert.equal(code, 3);
    assert.match(stderr, /can't be written \(ENOENT\)/);
    assert.match(stderr, /XDG_CONFIG_HOME names another folder/);
  });

  it('is neither waited for nor removed where it is no file', async () => {
    await mkdir(dirname(file('default')), { recursive: true });
    await promisify(execFile)('mkfifo', ['-m', '600', file('default')]);
    for (const args of [['whoami'], ['logout']]) {
      const { code, stderr } = await hokusai(['auth', ...args], { env });
      assert.equal(code, 3);
      assert.match(stderr, /is a pipe, where/);
    }
    assert.ok((await lstat(file('default'))).isFIFO());
  });

  it('may be a link to where it is kept, which is all that a logout removes', async () => {
    await login();
    await rename(file('default'), join(folder.path, 'kept'));
    await symlink(join(folder.path, 'kept'), file('default'));
    assert.equal((await whoami()).code, 0);
    assert.equal((await hokusai(['auth', 'logout'], { env })).code, 0);
    assert.ok((await lstat(join(folder.path, 'kept'))).isFile());
    await assert.rejects(lstat(file('default')), { code: 'ENOENT' });
  });

  it('has a name that stays in its folder', async () => {
    assert.equal((await login('--profile', '../x')).code, 2);
  });

  it('warns of addresses where the key could be read on the way', async () => {
    const { code, stderr } = await whoami(['--url', 'http://gateway.invalid'], {
      HOKUSAI_API_KEY: PLAINTEXT,
    });
    assert.equal(code, 10);
    assert.match(stderr, /warning: The key travels unencrypted to http:\/\/gateway\.invalid/);
  });
});
