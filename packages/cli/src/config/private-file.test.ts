import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preparePrivateFile, writePrivateFile } from './private-file.ts';

describe('a private file', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hokusai-private-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

  it('is for its owner only, and so is its folder', async () => {
    const path = join(folder, 'a/b/file');
    await writePrivateFile(path, 'text');
    assert.equal(await readFile(path, 'utf8'), 'text');
    assert.deepEqual(
      [await modeOf(path), await modeOf(join(folder, 'a/b')), await modeOf(join(folder, 'a'))],
      [0o600, 0o700, 0o700],
    );
  });

  it('replaces what was there, whoever could read that', async () => {
    const path = join(folder, 'file');
    await writeFile(path, 'old');
    await chmod(path, 0o666);
    await writePrivateFile(path, 'new');
    assert.deepEqual([await readFile(path, 'utf8'), await modeOf(path)], ['new', 0o600]);
  });

  it('replaces a link, not what it points to', async () => {
    await writeFile(join(folder, 'elsewhere'), 'old');
    await symlink(join(folder, 'elsewhere'), join(folder, 'file'));
    await writePrivateFile(join(folder, 'file'), 'new');
    assert.equal(await readFile(join(folder, 'elsewhere'), 'utf8'), 'old');
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
