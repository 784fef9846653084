import assert from 'node:assert/strict';
import { AlreadyExistsError, type Experiment, InvalidRequestError, NotFoundError } from '../../src/index.ts';
import { collect } from '../support/collect.ts';
import type { GetSubject } from './subject.ts';

const UNKNOWN_ID = '987654321';

export function experimentsContract(get: GetSubject): void {
  it('are made with tags and a place for artifacts, and found by id and by name', async () => {
    const { manager, unique } = get();
    const name = unique('made');
    const before = Date.now();
    const made = await manager.experiments.create(name, { tags: { team: 'vision', 'a b/c': 'ü' } });
    assert.equal(made.name, name);
    assert.equal(made.lifecycleStage, 'active');
    assert.deepEqual({ ...made.tags }, { team: 'vision', 'a b/c': 'ü' });
    assert.match(made.artifactLocation, /^mlflow-artifacts:\//);
    assert.ok(Number(made.creationTime) >= before - 1000 && Number(made.creationTime) <= Date.now() + 1000);
    assert.deepEqual(await manager.experiments.get(made.experimentId), made);
    assert.deepEqual(await manager.experiments.findByName(name), made);
  });

  it('have names that are unique, deleted ones included', async () => {
    const { manager, unique } = get();
    const name = unique('taken');
    const { experimentId } = await manager.experiments.create(name);
    await assert.rejects(manager.experiments.create(name), isTaken);
    await manager.experiments.delete(experimentId);
    await assert.rejects(manager.experiments.create(name), isTaken);
    await assert.rejects(manager.experiments.getOrCreate(name), /is deleted/);
  });

  it('are made once, however many ask at the same time', async () => {
    const { manager, unique } = get();
    const name = unique('wanted');
    const all = await Promise.all(Array.from({ length: 5 }, () => manager.experiments.getOrCreate(name)));
    assert.equal(new Set(all.map(({ experimentId }) => experimentId)).size, 1);
  });

  it('are renamed and tagged', async () => {
    const { manager, unique } = get();
    const { experimentId } = await manager.experiments.create(unique('old'));
    await manager.experiments.rename(experimentId, unique('new'));
    await manager.experiments.setTag(experimentId, 'stage', 'first');
    await manager.experiments.setTag(experimentId, 'stage', 'second');
    const { name, tags } = await manager.experiments.get(experimentId);
    assert.deepEqual([name, tags['stage']], [unique('new'), 'second']);
    assert.equal(await manager.experiments.findByName(unique('old')), undefined);
  });

  it('are not renamed to a name that is taken, by a deleted one too', async () => {
    const { manager, unique } = get();
    const taken = await manager.experiments.create(unique('has the name'));
    const { experimentId } = await manager.experiments.create(unique('wants the name'));
    await assert.rejects(manager.experiments.rename(experimentId, taken.name), isTaken);
    await manager.experiments.delete(taken.experimentId);
    await assert.rejects(manager.experiments.rename(experimentId, taken.name), isTaken);
    await manager.experiments.rename(experimentId, unique('wants the name'));
    assert.equal((await manager.experiments.get(experimentId)).name, unique('wants the name'));
  });

  it('take their runs with them when they are deleted, and bring them back', async () => {
    const { manager, unique } = get();
    const { experimentId } = await manager.experiments.create(unique('with-runs'));
    const run = await manager.startRun({ experimentId });
    await manager.experiments.delete(experimentId);
    assert.equal((await manager.experiments.get(experimentId)).lifecycleStage, 'deleted');
    assert.equal((await manager.runs.get(run.runId)).info.lifecycleStage, 'deleted');
    await assert.rejects(manager.startRun({ experimentId }), InvalidRequestError);
    await assert.rejects(manager.experiments.delete(experimentId), NotFoundError);
    await manager.experiments.restore(experimentId);
    assert.equal((await manager.experiments.get(experimentId)).lifecycleStage, 'active');
    assert.equal((await manager.runs.get(run.runId)).info.lifecycleStage, 'active');
    await assert.rejects(manager.experiments.restore(experimentId), NotFoundError);
    await run.end();
  });

  it('that are not there are said to be so', async () => {
    const { manager, unique } = get();
    assert.equal(await manager.experiments.findByName(unique('nobody')), undefined);
    for (const call of [
      () => manager.experiments.get(UNKNOWN_ID),
      () => manager.experiments.delete(UNKNOWN_ID),
      () => manager.experiments.rename(UNKNOWN_ID, unique('x')),
      () => manager.experiments.setTag(UNKNOWN_ID, 'a', 'b'),
      () => manager.startRun({ experimentId: UNKNOWN_ID }),
    ])
      await assert.rejects(call, isMissing);
  });

  it('need a name', async () => {
    const { manager } = get();
    await assert.rejects(manager.experiments.create(''), InvalidRequestError);
  });

  it('are found by name, tag and time, those that are deleted on request', async () => {
    const { manager, unique } = get();
    const names = ['find-a', 'find-b', 'FIND-c'].map(unique);
    const made: Experiment[] = [];
    for (const name of names)
      made.push(await manager.experiments.create(name, { tags: { for: unique('find') } }));
    await manager.experiments.delete(made[1]?.experimentId ?? '');
    const find = async (filter: string, options = {}) =>
      (await collect(manager.experiments.search({ filter, orderBy: ['name ASC'], ...options }))).map(
        ({ name }) => name,
      );
    const ours = `tags.for = '${unique('find')}'`;
    assert.deepEqual(await find(ours), [names[2], names[0]]);
    assert.deepEqual(await find(ours, { view: 'deleted' }), [names[1]]);
    assert.deepEqual(await find(ours, { view: 'all', orderBy: ['name DESC'] }), [
      names[1],
      names[0],
      names[2],
    ]);
    assert.deepEqual(await find(`name = '${names[0]}'`), [names[0]]);
    assert.deepEqual(await find(`${ours} AND name LIKE 'find-%'`), [names[0]]);
    assert.deepEqual(await find(`${ours} AND name ILIKE 'find-%'`), [names[2], names[0]]);
    assert.deepEqual(await find(`${ours} AND name != '${names[0]}'`), [names[2]]);
    assert.deepEqual(await find(`${ours} AND creation_time < ${made[0]?.creationTime}`), []);
    await assert.rejects(find("name > 'a'"), InvalidRequestError);
    await assert.rejects(find("colour = 'red'"), InvalidRequestError);
  });
}

function isTaken(error: unknown): boolean {
  assert.ok(error instanceof AlreadyExistsError, String(error));
  assert.doesNotMatch(error.message, /sql|constraint|raised as/i);
  return true;
}

function isMissing(error: unknown): boolean {
  return error instanceof NotFoundError && error.errorCode === 'RESOURCE_DOES_NOT_EXIST';
}
