/** Transfers of artifacts that break in the middle. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sharedMlflow } from '@hokusai/testing';
import { ConnectionLostError } from '../src/errors/errors.ts';
import type { RunArtifacts } from '../src/model/artifact.ts';
import { type CuttingProxy, startCuttingProxy } from './support/cutting-proxy.ts';
import { openRun } from './support/run-artifacts.ts';

const READY_MS = 120_000;
const MIB = 2 ** 20;
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

describe('transfers of artifacts that break', () => {
  const bytes = randomBytes(3 * MIB);
  let folder: string;
  let proxy: CuttingProxy;
  let artifacts: RunArtifacts;
  let close: () => void;

  before(async function () {
    this.timeout(READY_MS);
    folder = await mkdtemp(join(tmpdir(), 'hokusai-transfers-'));
    proxy = await startCuttingProxy((await sharedMlflow()).url);
    ({ artifacts, close } = await openRun({ trackingUri: proxy.url, retryBudgetMs: 10_000 }));
    await artifacts.upload('big', bytes);
  });
  after(async () => {
    close();
    await proxy[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  it('go on with the byte after the last one that came, which MLflow sends them', async () => {
    proxy.cut('GET', MIB, MIB);
    const got = await artifacts.downloadFile('big', join(folder, 'big'));
    assert.equal(got.sha256, sha256(bytes));
    assert(bytes.equals(await readFile(join(folder, 'big'))));
    const ranges = proxy.seen.map(({ range, status }) => `${range?.replace(/\d+/, 'N')} ${status}`);
    assert.deepEqual(ranges, ['undefined 200', 'bytes=N- 206', 'bytes=N- 206']);
  });

  it('begin anew with the first byte when they go to the server', async () => {
    proxy.cut('PUT', MIB);
    const progress: number[] = [];
    const sent = await artifacts.upload('again', bytes, {
      onProgress: ({ transferred }) => progress.push(transferred),
    });
    assert.equal(sent.sha256, sha256(bytes));
    assert.equal(proxy.seen.length, 2);
    assert.equal(progress.at(-1), bytes.length);
    assert(progress.every((each) => each >= 0 && each <= bytes.length));
    const { size } = await artifacts.downloadFile('again', join(folder, 'again'), { sha256: sent.sha256 });
    assert.equal(size, bytes.length);
  });

  it('fail if they are of a stream, which can not be had again', async () => {
    proxy.cut('PUT', MIB);
    async function* once() {
      for (let at = 0; at < bytes.length; at += 65_536)
        yield await Promise.resolve(bytes.subarray(at, at + 65_536));
    }
    await assert.rejects(artifacts.upload('once', once(), { size: bytes.length }), ConnectionLostError);
    assert.equal(proxy.seen.length, 1);
  });
});
