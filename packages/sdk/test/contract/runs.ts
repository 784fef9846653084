import assert from 'node:assert/strict';
import { InvalidRequestError, NotFoundError, type RunRecord } from '../../src/index.ts';
import { collect } from '../support/collect.ts';
import type { GetSubject } from './subject.ts';

const UNKNOWN_RUN = `${'0'.repeat(31)}f`;

export function runsContract(get: GetSubject): void {
  const record = (runId: string): Promise<RunRecord> => get().manager.runs.get(runId);

  it('begin in the configured experiment, and end', async () => {
    const { manager, experimentName } = get();
    const run = await manager.startRun({ runName: 'first', startTime: 1_700_000_000_000, tags: { a: 'b' } });
    const { info, tags } = await record(run.runId);
    const experiment = await manager.experiments.get(run.experimentId);
    assert.equal(experiment.name, experimentName);
    assert.deepEqual(
      [info.runName, info.status, info.startTime, info.endTime, info.lifecycleStage],
      ['first', 'RUNNING', 1_700_000_000_000, null, 'active'],
    );
    assert.match(info.artifactUri, new RegExp(`^mlflow-artifacts:/.*/${run.runId}/artifacts$`));
    assert.deepEqual([tags['a'], tags['mlflow.runName']], ['b', 'first']);
    await run.end('KILLED', { endTime: 1_700_000_000_500 });
    await run.end();
    const ended = await record(run.runId);
    assert.deepEqual([ended.info.status, ended.info.endTime], ['KILLED', 1_700_000_000_500]);
  });

  it('get a name if they have none, and the experiment that is named', async () => {
    const { manager, unique } = get();
    const run = await manager.startRun({ experimentName: unique('by-name'), description: 'why' });
    assert.notEqual(run.runName, '');
    assert.equal((await record(run.runId)).tags['mlflow.note.content'], 'why');
    assert.equal((await manager.experiments.get(run.experimentId)).name, unique('by-name'));
    await run.end();
  });

  it('end with what is done in them: FINISHED, or FAILED by what is thrown', async () => {
    const { manager } = get();
    const ids: string[] = [];
    const result = await manager.withRun({}, async (run) => {
      ids.push(run.runId);
      await run.logMetric('loss', 1);
      return 42;
    });
    assert.equal(result, 42);
    const thrown = new Error('of the work');
    const failing = manager.withRun({}, (run) => {
      ids.push(run.runId);
      throw thrown;
    });
    await assert.rejects(failing, (error) => error === thrown);
    const records = await Promise.all(ids.map(record));
    assert.deepEqual(
      records.map(({ info }) => info.status),
      ['FINISHED', 'FAILED'],
    );
    assert.ok(records.every(({ info }) => info.endTime !== null));
    assert.equal(records[0]?.metrics['loss']?.value, 1);
  });

  it('are nested', async () => {
    const { manager, unique } = get();
    const { experimentId } = await manager.experiments.create(unique('nested'));
    const parent = await manager.startRun({ experimentId });
    const child = await parent.startRun({ runName: 'child' });
    const grandchildId = await child.withRun({}, (run) => run.runId);
    const parents = await Promise.all([child.runId, grandchildId].map(record));
    assert.deepEqual(
      parents.map(({ info, tags }) => [info.experimentId, tags['mlflow.parentRunId']]),
      [
        [experimentId, parent.runId],
        [experimentId, child.runId],
      ],
    );
    const byId = await manager.startRun({ parentRunId: parent.runId });
    assert.equal(byId.experimentId, experimentId);
    const filter = `tags.\`mlflow.parentRunId\` = '${parent.runId}'`;
    const children = await collect(manager.runs.search({ experimentIds: [experimentId], filter }));
    assert.deepEqual(new Set(children.map(({ info }) => info.runId)), new Set([child.runId, byId.runId]));
    await Promise.all([parent, child, byId].map((run) => run.end()));
  });

  it('keep params as text, and each only once', async () => {
    const run = await get().manager.startRun();
    await run.logParam('rate', 0.1);
    await run.logParam('rate', '0.1');
    await run.logParams({ layers: 3n, deep: true, 'a b/c.d-e': '', note: 'ü🎉' });
    const { params } = await record(run.runId);
    assert.deepEqual({ ...params }, { rate: '0.1', layers: '3', deep: 'true', 'a b/c.d-e': '', note: 'ü🎉' });
    await assert.rejects(run.logParam('rate', 0.2), InvalidRequestError);
    await assert.rejects(run.logParams({ other: 1, rate: 0.3 }), InvalidRequestError);
    const unchanged = await record(run.runId);
    assert.deepEqual({ ...unchanged.params }, { ...params });
    await run.end();
  });

  it('take more params and tags at once than a request holds', async () => {
    const run = await get().manager.startRun();
    const many = (name: string) =>
      Object.fromEntries(Array.from({ length: 130 }, (_, n) => [`${name}${n}`, `${n}`]));
    await run.logBatch({
      params: many('p'),
      tags: many('t'),
      metrics: [{ key: 'm', value: 1, timestamp: 1, step: 1 }],
    });
    const { params, tags, metrics } = await record(run.runId);
    assert.deepEqual({ ...params }, many('p'));
    assert.equal(tags['t129'], '129');
    assert.equal(metrics['m']?.value, 1);
    await run.end();
  });

  it('refuse names that MLflow does not take', async () => {
    const run = await get().manager.startRun();
    for (const name of ['a;b', '../a', '/a', 'a/../b', 'a/', 'x'.repeat(251)]) {
      await assert.rejects(run.logParam(name, 1), InvalidRequestError, name);
      await assert.rejects(run.setTags({ [name]: 'x' }), InvalidRequestError, name);
    }
    assert.deepEqual({ ...(await record(run.runId)).params }, {});
    await run.end();
  });

  it('have tags, of which one is their name', async () => {
    const run = await get().manager.startRun({ tags: { stage: 'first' } });
    await run.setTag('stage', 'second');
    await run.setTags({ 'a b': 'c', empty: '', 'mlflow.runName': 'renamed' });
    await run.deleteTag('a b');
    await assert.rejects(run.deleteTag('a b'), NotFoundError);
    const { info, tags } = await record(run.runId);
    assert.deepEqual(
      [info.runName, tags['stage'], tags['empty'], tags['a b']],
      ['renamed', 'second', '', undefined],
    );
    await run.end();
  });

  it('have datasets as inputs, each once', async () => {
    const run = await get().manager.startRun();
    const dataset = {
      name: 'train',
      digest: 'd1',
      sourceType: 'local',
      source: '{"uri":"x"}',
      profile: '{"rows":3}',
    };
    await run.logInput(dataset, { context: 'training', tags: { split: 'a' } });
    await run.logInput(dataset, { context: 'training' });
    await run.logInput({ ...dataset, digest: 'd2', schema: '{}' });
    const { datasets } = await record(run.runId);
    assert.deepEqual(
      datasets
        .toSorted((a, b) => (a.dataset.digest < b.dataset.digest ? -1 : 1))
        .map((input) => ({ ...input, tags: { ...input.tags } })),
      [
        { dataset, tags: { 'mlflow.data.context': 'training', split: 'a' } },
        { dataset: { ...dataset, digest: 'd2', schema: '{}' }, tags: {} },
      ],
    );
    await run.end();
  });

  it('are updated, and gone on with', async () => {
    const { manager } = get();
    const first = await manager.startRun({ runName: 'before' });
    await first.logMetric('loss', 2, { step: 1 });
    await first.end('FAILED');
    await manager.runs.update(first.runId, {
      runName: 'after',
      status: 'KILLED',
      endTime: 1_800_000_000_000,
    });
    const { info } = await record(first.runId);
    assert.deepEqual([info.runName, info.status, info.endTime], ['after', 'KILLED', 1_800_000_000_000]);
    const again = await manager.runs.resume(first.runId);
    assert.deepEqual([again.runId, again.runName], [first.runId, 'after']);
    const running = await record(first.runId);
    assert.deepEqual([running.info.status, running.info.endTime], ['RUNNING', null]);
    await again.logMetric('loss', 1, { step: 2 });
    await again.end();
    const { metrics, info: last } = await record(first.runId);
    assert.deepEqual([metrics['loss']?.value, last.status], [1, 'FINISHED']);
  });

  it('change no more once they are deleted, until they are restored', async () => {
    const { manager } = get();
    const run = await manager.startRun();
    await manager.runs.delete(run.runId);
    assert.equal((await record(run.runId)).info.lifecycleStage, 'deleted');
    await assert.rejects(run.logParam('a', 1), InvalidRequestError);
    await assert.rejects(run.setTag('a', 'b'), InvalidRequestError);
    await assert.rejects(manager.runs.update(run.runId, { status: 'FINISHED' }), InvalidRequestError);
    await assert.rejects(manager.runs.resume(run.runId), InvalidRequestError);
    await manager.runs.restore(run.runId);
    await run.logParam('a', 1);
    await run.end();
    assert.equal((await record(run.runId)).info.lifecycleStage, 'active');
  });

  it('log nothing more after their end', async () => {
    const run = await get().manager.startRun();
    await run.end();
    await assert.rejects(run.logMetric('a', 1), InvalidRequestError);
    await assert.rejects(run.logParam('a', 1), InvalidRequestError);
  });

  it('that are not there are said to be so', async () => {
    const { manager } = get();
    for (const call of [
      () => manager.runs.get(UNKNOWN_RUN),
      () => manager.runs.update(UNKNOWN_RUN, { status: 'FINISHED' }),
      () => manager.runs.delete(UNKNOWN_RUN),
      () => manager.runs.restore(UNKNOWN_RUN),
      () => manager.runs.resume(UNKNOWN_RUN),
      () => manager.artifactsOf(UNKNOWN_RUN).upload('a', 'b'),
    ])
      await assert.rejects(call, NotFoundError);
  });
}
