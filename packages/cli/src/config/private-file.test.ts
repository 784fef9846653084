import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import {
  chmod,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NotAFile, preparePrivateFile, preparePrivateFolderAndFile } from './private-file.ts';

describe('a private file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hokusai-private-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  async function linkToFile(path: string) {
    await writeFile(join(folder, 'elsewhere'), 'old');
    await symlink('elsewhere', path);
  }

  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

  it('is for its owner only, and so is its folder', async () => {
    const path = join(folder, 'a/b/file');
    await (await preparePrivateFolderAndFile(path)).commit('text');
    assert.equal(await readFile(path, 'utf8'), 'text');
    assert.deepEqual(
      [await modeOf(path), await modeOf(join(folder, 'a/b')), await modeOf(join(folder, 'a'))],
      [0o600, 0o700, 0o700],
    );
  });

  it('is not waited for where no folder can be made', async () => {
    await assert.rejects(preparePrivateFolderAndFile('/proc/nope/a/b/file'), { code: 'ENOENT' });
    await writeFile(join(folder, 'a'), '');
    await assert.rejects(preparePrivateFolderAndFile(join(folder, 'a/b/file')), { code: 'ENOTDIR' });
  });

  it('replaces what was there, whoever could read that', async () => {
    const path = join(folder, 'file');
    await writeFile(path, 'old');
    await chmod(path, 0o666);
    await (await preparePrivateFile(path)).commit('new');
    assert.deepEqual([await readFile(path, 'utf8'), await modeOf(path)], ['new', 0o600]);
  });

  /** Puts something at the path that is no file. */
  const others: [what: string, put: (path: string) => Promise<unknown>][] = [
    ['a folder', (path) => mkdir(path)],
    ['a pipe', (path) => promisify(execFile)('mkfifo', [path])],
    ['a socket', listenAt],
    ['a link to a device', (path) => symlink('/dev/full', path)],
    ['a link to a folder', (path) => symlink('.', path)],
    ['a link to .*/elsewhere', linkToFile],
    ['a link to .*/nothing', (path) => symlink('nothing', path)],
  ];
  for (const [what, put] of others) {
    it(`takes the place of a file or of nothing, not of ${what}`, async () => {
      const path = join(folder, 'place');
      await put(path);
      const [before, files] = [await lstat(path), await readdir(folder)];
      await assert.rejects(preparePrivateFile(path), (error: unknown) => {
        assert.ok(error instanceof NotAFile);
        assert.match(error.what, new RegExp(`^${what}$`));
        return true;
      });
      assert.deepEqual([(await lstat(path)).ino, await readdir(folder)], [before.ino, files]);
    });

    it(`spares ${what} that came while it was written`, async () => {
      const path = join(folder, 'place');
      const pending = await preparePrivateFile(path);
      await put(path);
      const before = await lstat(path);
      await assert.rejects(pending.commit('text'), NotAFile);
      assert.equal((await lstat(path)).ino, before.ino);
      assert.deepEqual(
        (await readdir(folder)).filter((name) => name.startsWith('.')),
        [],
      );
    });
  }

  it('takes the place of no device', async () => {
    await assert.rejects(preparePrivateFile('/dev/full'), { what: 'a device' });
    assert.ok((await lstat('/dev/full')).isCharacterDevice());
  });

  it('is as it was until it is committed', async () => {
    const path = join(folder, 'file');
    await writeFile(path, 'old');
    const pending = await preparePrivateFile(path);
    assert.equal(await readFile(path, 'utf8'), 'old');
    await pending.discard();
    await pending.discard();
    assert.deepEqual(await readdir(folder), ['file']);
    assert.equal(await readFile(path, 'utf8'), 'old');
  });
});

/** A socket that is there while nobody closes it, and keeps no process alive. */
async function listenAt(path: string): Promise<void> {
  const server = createServer().listen(path).unref();
  await once(server, 'listening');
}
