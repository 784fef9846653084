import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { ChecksumError, InvalidRequestError, NotFoundError, type Run } from '../../src/index.ts';
import { collect } from '../support/collect.ts';
import type { GetSubject } from './subject.ts';

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');

export function artifactsContract(get: GetSubject): void {
  let run: Run;
  let folder: string;
  beforeEach(async () => {
    run = await get().manager.startRun();
    folder = await mkdtemp(join(tmpdir(), 'hokusai-contract-'));
  });
  afterEach(async () => {
    await run.end();
    await rm(folder, { recursive: true });
  });

  const content = async (path: string) => (await buffer(await run.artifacts.open(path))).toString();

  it('are texts, bytes and streams, under the path that they are given', async () => {
    assert.deepEqual(await run.artifacts.upload('notes.txt', 'ünï'), {
      ...{ path: 'notes.txt', size: 5, sha256: sha256('ünï') },
    });
    await run.artifacts.upload('deep/er/bytes', Buffer.from('bytes'));
    const stream = await run.artifacts.upload(
      'deep/stream',
      Readable.from([Buffer.from('ab'), Buffer.from('c')]),
    );
    assert.deepEqual([stream.size, stream.sha256], [3, sha256('abc')]);
    await run.artifacts.upload('deep/sized', Readable.from([Buffer.from('abcd')]), { size: 4 });
    await run.artifacts.upload('a bü.txt', '');
    const paths = ['notes.txt', 'deep/er/bytes', 'deep/stream', 'deep/sized', 'a bü.txt'];
    assert.deepEqual(await Promise.all(paths.map(content)), ['ünï', 'bytes', 'abc', 'abcd', '']);
  });

  it('are listed folder by folder', async () => {
    for (const path of ['top.txt', 'b/one', 'b/c/two', 'b-/three']) await run.artifacts.upload(path, path);
    const list = async (below?: string) =>
      (await collect(run.artifacts.list(below)))
        .map(({ path, isFolder, size }) => `${path} ${isFolder} ${size}`)
        .sort();
    assert.deepEqual(await list(), ['b true null', 'b- true null', 'top.txt false 7']);
    assert.deepEqual(await list('b'), ['b/c true null', 'b/one false 5']);
    assert.deepEqual(await list('b/c'), ['b/c/two false 7']);
    assert.deepEqual(await list('nothing'), []);
    const others = await collect(get().manager.artifactsOf(run.runId).list());
    assert.equal(others.length, 3);
  });

  it('are replaced by what comes later under their path', async () => {
    await run.artifacts.upload('a', 'first, and longer');
    await run.artifacts.upload('a', 'second');
    assert.equal(await content('a'), 'second');
  });

  it('go and come as files, byte for byte, with their checksum and word of how far they are', async () => {
    const bytes = randomBytes(300_000);
    await writeFile(join(folder, 'model.bin'), bytes);
    const told: number[] = [];
    const sent = await run.artifacts.uploadFile(join(folder, 'model.bin'), 'model', {
      onProgress: ({ path, transferred, size }) => {
        assert.deepEqual([path, size], ['model/model.bin', bytes.length]);
        told.push(transferred);
      },
    });
    assert.deepEqual(sent, { path: 'model/model.bin', size: bytes.length, sha256: sha256(bytes) });
    assert.equal(told.at(-1), bytes.length);
    const target = join(folder, 'back.bin');
    const back = await run.artifacts.downloadFile('model/model.bin', target, { sha256: sent.sha256 });
    assert.deepEqual(back, sent);
    assert.deepEqual(await readFile(target), bytes);
  });

  it('are not kept if their checksum is another one', async () => {
    await run.artifacts.upload('a', 'b');
    const options = { sha256: sha256('c') };
    await assert.rejects(run.artifacts.downloadFile('a', join(folder, 'a'), options), ChecksumError);
    assert.deepEqual(await readdir(folder), []);
  });

  it('go and come as folders', async () => {
    const files = { MLmodel: 'flavors: {}', 'data/weights': 'w', 'data/deep/er': 'd', empty: '' };
    const local = join(folder, 'out');
    for (const [path, text] of Object.entries(files)) {
      await mkdir(join(local, path, '..'), { recursive: true });
      await writeFile(join(local, path), text);
    }
    const sent = await run.artifacts.uploadFolder(local, 'model');
    assert.deepEqual(
      sent.map(({ path }) => path).sort(),
      Object.keys(files)
        .map((path) => `model/${path}`)
        .sort(),
    );
    const target = join(folder, 'in');
    await run.artifacts.downloadFolder('model', target);
    for (const [path, text] of Object.entries(files))
      assert.equal(await readFile(join(target, path), 'utf8'), text);
    await run.artifacts.downloadFolder('', join(folder, 'all'));
    assert.equal(await readFile(join(folder, 'all', 'model', 'data', 'deep', 'er'), 'utf8'), 'd');
  });

  it('that are not there are said to be so', async () => {
    await assert.rejects(run.artifacts.open('nothing'), NotFoundError);
    await assert.rejects(run.artifacts.downloadFile('nothing', join(folder, 'x')), NotFoundError);
    await assert.rejects(run.artifacts.downloadFolder('nothing', join(folder, 'y')), NotFoundError);
    assert.ok(!(await readdir(folder)).includes('x'));
  });

  it('have no paths that lead elsewhere', async () => {
    for (const path of ['../a', '/a', 'a/../../b', '', 'a//b'])
      await assert.rejects(run.artifacts.upload(path, 'x'), InvalidRequestError, path);
  });
}
