/** New keys are handed over once, to one place, or the user is told what became of them. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ended, hokusai, start, temporaryFolder } from './support/command.ts';
import { answer, drop, type FakeGateway, problem, startFakeGateway } from './support/fake-gateway.ts';
import { CALLER_KEY, KEY_ID, newKeyJson, PLAINTEXT, retiredSecret } from './support/samples.ts';

const CREATE = ['auth', 'create-key', '--name', 'ci'];
const ROTATE = ['auth', 'rotate-key', KEY_ID];

describe('a new key', () => {
  let gateway: FakeGateway;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let env: Record<string, string>;
  beforeEach(async () => {
    gateway = await startFakeGateway();
    folder = await temporaryFolder();
    env = { HOKUSAI_API_URL: gateway.url, HOKUSAI_API_KEY: CALLER_KEY };
  });
  afterEach(async () => {
    await gateway.close();
    await folder.remove();
  });

  for (const args of [CREATE, ROTATE]) {
    it(`stands alone on stdout after ${args[1]}`, async () => {
      gateway.reply(answer(201, newKeyJson()));
      const { code, stdout, stderr } = await hokusai(args, { env });
      assert.deepEqual([code, stdout], [0, `${PLAINTEXT}\n`]);
      assert.ok(!stderr.includes(PLAINTEXT));
      assert.match(stderr, new RegExp(`id ${KEY_ID}`));
    });

    it(`is asked for again with the same Idempotency-Key after ${args[1]} lost its connection`, async () => {
      gateway.reply(drop, problem(409, 'still_running', 'Still running.'), answer(201, newKeyJson()));
      const { code, stdout } = await hokusai(args, { env });
      assert.deepEqual([code, stdout], [0, `${PLAINTEXT}\n`]);
      const keys = gateway.asked.map(({ headers }) => headers['idempotency-key']);
      assert.equal(keys.length, 3);
      assert.equal(new Set(keys).size, 1);
      assert.match(String(keys[0]), /^[0-9a-f-]{36}$/);
    });
  }

  it('of a rotation that may have been done is not simply gone: the remedy is named', async () => {
    const rotated = problem(403, 'secret_rotated', 'This secret was rotated out.');
    gateway.reply(drop, rotated);
    const { code, stdout, stderr } = await hokusai([...ROTATE, '--grace', '0', '--yes'], { env });
    assert.deepEqual([code, stdout], [5, '']);
    assert.match(stderr, /rotated out\..*may have been rotated/s);
    assert.match(stderr, new RegExp(`only another key .*: hokusai auth rotate-key ${KEY_ID}\n`));
    assert.match(stderr, /With a grace, such as --grace 1h/);
  });

  it('of a rotation that was not begun needs no remedy', async () => {
    gateway.reply(problem(403, 'secret_rotated', 'This secret was rotated out.'));
    const { code, stderr } = await hokusai([...ROTATE, '--grace', '0', '--yes'], { env });
    assert.equal(code, 5);
    assert.doesNotMatch(stderr, /may have been rotated/);
  });

  it('of a rotation that was cancelled has its remedy named', async () => {
    const child = start(ROTATE, { env });
    const end = ended(child);
    await new Promise<void>((resolve) => gateway.reply(() => resolve()));
    child.kill('SIGINT');
    const { code, stderr } = await end;
    assert.equal(code, 130);
    assert.match(stderr, /only another key/);
    assert.doesNotMatch(stderr, /With a grace/);
  });

  it('gets another Idempotency-Key each time', async () => {
    gateway.reply(answer(201, newKeyJson()));
    await hokusai(CREATE, { env });
    await hokusai(CREATE, { env });
    const [first, second] = gateway.asked.map(({ headers }) => headers['idempotency-key']);
    assert.notEqual(first, second);
  });

  it('is asked for again where the gateway says when', async () => {
    gateway.reply(problem(503, 'keys_unavailable', 'Wait.'), answer(201, newKeyJson()));
    const { code, stdout } = await hokusai(CREATE, { env });
    assert.deepEqual([code, stdout, gateway.asked.length], [0, `${PLAINTEXT}\n`, 2]);
  });

  it('is not asked for forever', async () => {
    gateway.reply(problem(503, 'keys_unavailable', 'Wait.'));
    const { code, stdout } = await hokusai(CREATE, { env });
    assert.deepEqual([code, stdout, gateway.asked.length], [10, '', 6]);
  });

  it('is written to a file that only its owner may read', async () => {
    gateway.reply(answer(201, newKeyJson()));
    const path = join(folder.path, 'key');
    await writeFile(path, 'old', { mode: 0o644 });
    const { code, stdout } = await hokusai([...CREATE, '--output', 'key'], { env, cwd: folder.path });
    assert.deepEqual([code, stdout], [0, '']);
    assert.equal(await readFile(path, 'utf8'), `${PLAINTEXT}\n`);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder.path), ['key']);
  });

  it('comes with all of its JSON, on stdout or in the file', async () => {
    gateway.reply(answer(201, newKeyJson()));
    const { stdout } = await hokusai([...CREATE, '--json'], { env });
    assert.deepEqual(JSON.parse(stdout), newKeyJson());
    await hokusai([...CREATE, '--json', '--output', 'key.json'], { env, cwd: folder.path });
    assert.deepEqual(JSON.parse(await readFile(join(folder.path, 'key.json'), 'utf8')), newKeyJson());
  });

  it('is not asked for when it could not be written', async () => {
    const { code, stderr } = await hokusai([...CREATE, '--output', join(folder.path, 'no/key')], { env });
    assert.equal(code, 3);
    assert.match(stderr, /can't be written \(ENOENT\)/);
    assert.equal(gateway.asked.length, 0);
  });

  for (const [output, what, args] of [
    ['/dev/full', 'a device', CREATE],
    ['/dev/full', 'a device', [...ROTATE, '--json']],
    ['/dev/null', 'a device', ['auth', 'list-keys']],
    ['folder', 'a folder', CREATE],
    ['link', 'a link to .*/target', CREATE],
    ['to-device', 'a link to a device', CREATE],
    ['-', 'the standard output for other commands', CREATE],
    ['', 'a folder', CREATE],
  ] as const) {
    it(`is not asked for when its place is "${output}": ${args[1]}`, async () => {
      mkdirSync(join(folder.path, 'folder'));
      await symlink('target', join(folder.path, 'link'));
      await symlink('/dev/full', join(folder.path, 'to-device'));
      const before = await readdir(folder.path);
      const options = { env, cwd: folder.path };
      const { code, stdout, stderr } = await hokusai([...args, `--output=${output}`], options);
      assert.deepEqual([code, stdout], [2, ''], stderr);
      assert.match(stderr, new RegExp(`is ${what}, and --output writes plain files only`));
      assert.match(stderr, /redirect the standard output/);
      assert.equal(gateway.asked.length, 0);
      assert.deepEqual(await readdir(folder.path), before);
    });
  }

  it('leaves nothing behind when it is refused', async () => {
    gateway.reply(problem(422, 'invalid_values', 'The name is too long.'));
    const { code } = await hokusai([...CREATE, '--output', 'key'], { env, cwd: folder.path });
    assert.equal(code, 8);
    assert.deepEqual(await readdir(folder.path), []);
  });

  it('that could not be written after all is named, so that it can be rotated', async () => {
    const path = join(folder.path, 'key');
    // A folder appears at the place of the file while the key is being made.
    gateway.reply((asked, response) => {
      mkdirSync(join(path, 'x'), { recursive: true });
      answer(201, newKeyJson())(asked, response);
    });
    const { code, stderr } = await hokusai([...CREATE, '--output', path], { env });
    assert.equal(code, 3);
    assert.match(stderr, /was made, but could not be handed over \(it is a folder by now\)/);
    assert.match(stderr, new RegExp(`hokusai auth rotate-key ${KEY_ID} --grace 0`));
    assert.deepEqual(await readdir(folder.path), ['key']);
  });

  it('that replaced the secret that was used, and was lost, takes another key', async () => {
    const path = join(folder.path, 'key');
    const own = retiredSecret({ key_prefix: CALLER_KEY.slice(0, 20) });
    gateway.reply((asked, response) => {
      mkdirSync(path);
      answer(200, newKeyJson({ retired_secrets: [own] }))(asked, response);
    });
    const { code, stderr } = await hokusai([...ROTATE, '--output', path], { env });
    assert.equal(code, 3);
    assert.match(stderr, /That takes another key/);
  });

  it('that nobody reads is named, so that it can be rotated', async () => {
    const child = start(CREATE, { env });
    gateway.reply((asked, response) => {
      child.stdout.destroy();
      answer(201, newKeyJson())(asked, response);
    });
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
    const [code] = await Promise.all([
      new Promise((resolve) => child.once('close', resolve)),
      child.stdin.end(),
    ]);
    assert.equal(code, 3);
    assert.match(stderr, /could not be handed over/);
    assert.ok(!stderr.includes(PLAINTEXT));
  });

  it('of an unsafe form is not shown', async () => {
    gateway.reply(answer(201, newKeyJson({ key: '\u001b[2J' })));
    const { code, stdout, stderr } = await ended(start(CREATE, { env }));
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /not what was expected, at key/);
  });
});
