import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InvalidRequestError, NotFoundError, type TransferProgress } from '../../src/index.ts';
import type { GetSubject } from './subject.ts';

/** Registers, with MLflow's Python client, a model that it has logged as `net`; returns the version. */
export type LogModel = (name: string) => Promise<string>;
/** What MLflow's Python client says of 1 and 2 with the model in a local folder. */
export type Predict = (folder: string) => Promise<string>;

export function downloadsContract(get: GetSubject, python?: { logModel: LogModel; predict: Predict }): void {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hokusai-sdk-download-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  /** A run with a model of two files, one in a folder of its own. */
  const runWithModel = () =>
    get().manager.withRun({}, async (run) => {
      await run.artifacts.upload('net/MLmodel', 'flavors: {}\n');
      await run.artifacts.upload('net/data/weights of ü.bin', new Uint8Array([1, 2, 3]));
      await run.artifacts.upload('other/unrelated.txt', 'text');
      return run.runId;
    });
  const filesIn = async (target: string) => {
    const entries = await readdir(target, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => join(parentPath, name).slice(target.length + 1))
      .toSorted();
  };

  it('come by number and by alias, whole, with their hashes and progress', async () => {
    const { manager, unique } = get();
    const name = unique('downloaded');
    const runId = await runWithModel();
    const { version } = await manager.models.registerFromRun(name, runId, 'net');
    await manager.models.setAlias(name, 'champion', version);
    const told: TransferProgress[] = [];
    const target = join(folder, 'not', 'there yet');
    const files = await manager.models.download(name, version, target, { onProgress: (at) => told.push(at) });
    const weights = { path: 'data/weights of ü.bin', size: 3, sha256: sha256(new Uint8Array([1, 2, 3])) };
    assert.deepEqual(
      files.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
      [{ path: 'MLmodel', size: 12, sha256: sha256('flavors: {}\n') }, weights],
    );
    assert.deepEqual(await filesIn(target), ['MLmodel', weights.path]);
    assert.deepEqual([...(await readFile(join(target, weights.path)))], [1, 2, 3]);
    assert.deepEqual(told.filter(({ path }) => path === weights.path).at(-1), {
      path: weights.path,
      transferred: 3,
      size: 3,
    });
    for (const alias of ['champion', '@champion']) {
      const byAlias = join(folder, alias);
      await manager.models.download(name, alias, byAlias);
      assert.deepEqual(await filesIn(byAlias), ['MLmodel', weights.path]);
    }
  });

  it('come from a run, from another version, and as the one file that was registered', async () => {
    const { manager, unique } = get();
    const name = unique('sources');
    const runId = await runWithModel();
    await manager.models.registerFromRun(name, runId, 'net');
    await manager.models.createVersion(name, { source: `runs:/${runId}/net` });
    await manager.models.createVersion(name, { source: `models:/${name}/1` });
    for (const version of ['2', '3']) {
      await manager.models.download(name, version, join(folder, version));
      assert.deepEqual(await filesIn(join(folder, version)), ['MLmodel', 'data/weights of ü.bin']);
    }
    await manager.models.registerFromRun(name, runId, 'other/unrelated.txt');
    const [file] = await manager.models.download(name, '4', join(folder, '4'));
    assert.deepEqual([file?.path, await filesIn(join(folder, '4'))], ['unrelated.txt', ['unrelated.txt']]);
  });

  it('are refused, with nothing written, where there are none to be had', async () => {
    const { manager, unique } = get();
    const { models } = manager;
    const name = unique('none');
    const runId = await runWithModel();
    await assert.rejects(models.download(name, '1', folder), NotFoundError);
    await models.registerFromRun(name, runId, 'net');
    await assert.rejects(models.download(name, '9', folder), NotFoundError);
    await assert.rejects(models.download(name, 'nobody', folder), NotFoundError);
    for (const bad of ['', '@'])
      await assert.rejects(models.download(name, bad, folder), InvalidRequestError);
    await models.createVersion(name, { source: 's3://user:secret@bucket/model' });
    await assert.rejects(models.download(name, '2', folder), (error) => {
      assert.ok(error instanceof InvalidRequestError);
      assert.equal(
        error.message,
        `The files of version 2 of "${name}" are at s3:, not passed on by the tracking server (mlflow-artifacts:), which is how this SDK moves them.`,
      );
      return true;
    });
    const { artifactUri } = (await manager.runs.get(runId)).info;
    await models.createVersion(name, { source: `${artifactUri}/gone`, runId });
    await assert.rejects(models.download(name, '3', folder), NotFoundError);
    assert.deepEqual(await filesIn(folder), []);
  });

  it('end when the signal does', async () => {
    const { models } = get().manager;
    const name = get().unique('aborted');
    const { version } = await models.registerFromRun(name, await runWithModel(), 'net');
    await assert.rejects(models.download(name, version, folder, { signal: AbortSignal.abort() }), {
      code: 'ABORTED',
    });
  });

  if (python)
    it("are those of a model that MLflow's Python client has logged, which loads what came", async () => {
      const { models } = get().manager;
      const name = get().unique('logged');
      const version = await python.logModel(name);
      await models.setAlias(name, 'champion', version);
      const { source, runId } = await models.getVersionByAlias(name, 'champion');
      if (get().major === 3) assert.match(source, /^models:\/m-/);
      await models.download(name, 'champion', folder);
      assert.ok((await filesIn(folder)).includes('MLmodel'));
      assert.equal(await python.predict(folder), '[2, 4]');
      const ofRun = await models.createVersion(name, { source: `runs:/${runId}/net` });
      await models.download(name, ofRun.version, join(folder, 'of the run'));
      assert.ok((await filesIn(join(folder, 'of the run'))).includes('MLmodel'));
    }).timeout(120_000);
}

function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}
