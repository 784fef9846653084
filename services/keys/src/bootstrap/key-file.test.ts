import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { draftKeyFile } from './key-file.ts';

const [key, other] = ['a', 'b'].map((letter) => `hk_live_${letter.repeat(50)}`) as [string, string];

describe('a key file', () => {
  let directory: string;
  let path: string;

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'hokusai-key-file-'));
    path = join(directory, 'admin.key');
  });

  afterEach(() => rm(directory, { recursive: true }));

  const write = async (target: string, content: string) => (await draftKeyFile(target, content)).publish();

  it('writes for the owner only, and leaves nothing else', async () => {
    await write(path, key);
    assert.equal(await readFile(path, 'utf8'), `${key}\n`);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(directory), ['admin.key']);
  });

  it('replaces a key, with the mode of a new file', async () => {
    await writeFile(path, `${other}\n`, { mode: 0o644 });
    await write(path, key);
    assert.equal(await readFile(path, 'utf8'), `${key}\n`);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
  });

  it('leaves what is there until the draft is published, and for good if it is discarded', async () => {
    await write(path, other);
    const draft = await draftKeyFile(path, key);
    assert.equal(await readFile(path, 'utf8'), `${other}\n`);
    assert.equal(await readFile(draft.path, 'utf8'), `${key}\n`);
    assert.equal((await stat(draft.path)).mode & 0o777, 0o600);
    await draft.discard();
    assert.equal(await readFile(path, 'utf8'), `${other}\n`);
    assert.deepEqual(await readdir(directory), ['admin.key']);
  });

  it('says where the key is if it can not be put in its place any more', async () => {
    const draft = await draftKeyFile(path, key);
    await mkdir(path);
    const message = new RegExp(`the key is in ${draft.path}: can't write ${path}`);
    await assert.rejects(draft.publish(), { name: 'KeyFileError', message });
    assert.equal(await readFile(draft.path, 'utf8'), `${key}\n`);
  });

  it('replaces nothing else', async () => {
    await writeFile(path, 'root:x:0:0:root:/root:/bin/bash\n');
    await assert.rejects(draftKeyFile(path, key), /holds something else than a key/);
    assert.match(await readFile(path, 'utf8'), /^root/);
    assert.deepEqual(await readdir(directory), ['admin.key']);
  });

  it('says what is wrong with a path that can’t be written', async () => {
    const cases: [path: string, message: RegExp][] = [
      [join(directory, 'none', 'admin.key'), /ENOENT.*folder does not exist; create it/],
      [directory, /EISDIR.*name a file in it/],
      [join(path, 'admin.key'), /ENOTDIR.*a part of the path is a file/],
    ];
    await write(path, key);
    for (const [wrong, message] of cases)
      await assert.rejects(draftKeyFile(wrong, other), { name: 'KeyFileError', message });
    assert.equal(await readFile(path, 'utf8'), `${key}\n`);
  });
});
