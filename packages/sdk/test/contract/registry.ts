import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { AlreadyExistsError, InvalidRequestError, NotFoundError } from '../../src/index.ts';
import { collect } from '../support/collect.ts';
import type { GetSubject } from './subject.ts';

export function registryContract(get: GetSubject): void {
  /** A run with a model in its artifacts. */
  const runWithModel = () =>
    get().manager.withRun({}, async (run) => {
      await run.artifacts.upload('model/MLmodel', 'flavors: {}\n');
      return run.runId;
    });

  it('has models with a description and tags', async () => {
    const { models } = get().manager;
    const name = get().unique('described');
    const made = await models.create(name, { description: 'first', tags: { team: 'vision' } });
    assert.deepEqual(
      [made.name, made.description, { ...made.tags }, { ...made.aliases }],
      [name, 'first', { team: 'vision' }, {}],
    );
    await assert.rejects(models.create(name), AlreadyExistsError);
    await models.describe(name, 'second');
    await models.setTag(name, 'team', 'speech');
    await models.setTag(name, 'other', 'x');
    await models.deleteTag(name, 'other');
    await models.deleteTag(name, 'never there');
    const { description, tags, creationTime } = await models.get(name);
    assert.deepEqual(
      [description, { ...tags }, creationTime],
      ['second', { team: 'speech' }, made.creationTime],
    );
  });

  it('renames and deletes models, with their versions', async () => {
    const { models } = get().manager;
    const [name, newName, other] = ['old-name', 'new-name', 'other-name'].map(get().unique) as [
      string,
      string,
      string,
    ];
    const runId = await runWithModel();
    await models.create(other);
    await models.registerFromRun(name, runId, 'model');
    await assert.rejects(models.rename(name, other), AlreadyExistsError);
    await models.rename(name, newName);
    await assert.rejects(models.get(name), NotFoundError);
    assert.equal((await models.getVersion(newName, '1')).name, newName);
    await models.delete(newName);
    await assert.rejects(models.get(newName), NotFoundError);
    await assert.rejects(models.getVersion(newName, '1'), NotFoundError);
  });

  it('has versions, made from runs', async () => {
    const { manager, unique } = get();
    const name = unique('from-runs');
    const runId = await runWithModel();
    const { artifactUri } = (await manager.runs.get(runId)).info;
    const first = await manager.models.registerFromRun(name, runId, 'model', {
      description: 'first',
      tags: { stage: 'test' },
    });
    assert.deepEqual(
      [first.name, first.version, first.runId, first.status, first.source, first.description],
      [name, '1', runId, 'READY', `${artifactUri}/model`, 'first'],
    );
    assert.deepEqual({ ...first.tags }, { stage: 'test' });
    const run = await manager.startRun();
    await run.artifacts.upload('net/MLmodel', 'flavors: {}\n');
    const second = await run.registerModel(name, 'net');
    await run.end();
    assert.deepEqual([second.version, second.runId], ['2', run.runId]);
    const third = await manager.models.createVersion(name, { source: `runs:/${runId}/model` });
    assert.deepEqual([third.version, third.runId, third.source], ['3', runId, `runs:/${runId}/model`]);
    assert.equal(await manager.models.downloadUri(name, '1'), `${artifactUri}/model`);
    await assert.rejects(manager.models.registerFromRun(name, runId, 'nothing'), NotFoundError);
  });

  it('describes, tags and deletes versions, whose numbers are not given again', async () => {
    const { models } = get().manager;
    const name = get().unique('versions');
    const runId = await runWithModel();
    await models.registerFromRun(name, runId, 'model');
    await models.registerFromRun(name, runId, 'model');
    await models.describeVersion(name, '2', 'better');
    await models.setVersionTag(name, '2', 'a', 'b');
    await models.setVersionTag(name, '2', 'c', 'd');
    await models.deleteVersionTag(name, '2', 'c');
    await models.deleteVersionTag(name, '2', 'never there');
    const { description, tags } = await models.getVersion(name, '2');
    assert.deepEqual([description, { ...tags }], ['better', { a: 'b' }]);
    await models.setAlias(name, 'gone', '2');
    await models.deleteVersion(name, '2');
    await assert.rejects(models.getVersion(name, '2'), NotFoundError);
    await assert.rejects(models.deleteVersion(name, '2'), NotFoundError);
    // MLflow 2 keeps them, of a version that is gone.
    if (get().major === 3) assert.deepEqual({ ...(await models.get(name)).aliases }, {});
    await assert.rejects(models.getVersionByAlias(name, 'gone'), NotFoundError);
    assert.equal((await models.registerFromRun(name, runId, 'model')).version, '3');
  });

  it('has aliases, each of one version', async () => {
    const { models } = get().manager;
    const name = get().unique('aliased');
    const runId = await runWithModel();
    await models.registerFromRun(name, runId, 'model');
    await models.registerFromRun(name, runId, 'model');
    await models.setAlias(name, 'champion', '1');
    await models.setAlias(name, 'challenger', '2');
    assert.deepEqual({ ...(await models.get(name)).aliases }, { champion: '1', challenger: '2' });
    await models.setAlias(name, 'champion', '2');
    const version = await models.getVersionByAlias(name, 'champion');
    assert.deepEqual([version.version, version.aliases.toSorted()], ['2', ['challenger', 'champion']]);
    assert.deepEqual((await models.getVersion(name, '1')).aliases, []);
    await models.deleteAlias(name, 'champion');
    await models.deleteAlias(name, 'champion');
    await assert.rejects(models.getVersionByAlias(name, 'champion'), NotFoundError);
    await assert.rejects(models.setAlias(name, 'champion', '9'), NotFoundError);
    for (const alias of ['v1', 'latest', 'a b', 'a.b'])
      await assert.rejects(models.setAlias(name, alias, '1'), InvalidRequestError, alias);
  });

  it('finds models and versions', async () => {
    const { manager, unique } = get();
    const { models } = manager;
    const names = ['find-x', 'find-y', 'FIND-z'].map(unique) as [string, string, string];
    const runId = await runWithModel();
    for (const [index, name] of names.entries()) {
      await models.create(name, { tags: { for: unique('find'), index: `${index}` } });
      await models.registerFromRun(name, runId, 'model', { tags: { part: index === 0 ? 'a' : 'b' } });
      await nextMillisecond();
    }
    await models.registerFromRun(names[0], runId, 'model');
    const ours = `tags.for = '${unique('find')}'`;
    const find = async (filter: string, orderBy?: string[]) =>
      (await collect(models.search({ filter, ...(orderBy && { orderBy }) }))).map(({ name }) => name);
    assert.deepEqual(await find(ours), [names[2], names[0], names[1]]);
    assert.deepEqual(await find(ours, ['name DESC']), [names[1], names[0], names[2]]);
    assert.deepEqual(await find(ours, ['last_updated_timestamp ASC']), [names[1], names[2], names[0]]);
    assert.deepEqual(await find(`${ours} AND tags.index != '1'`), [names[2], names[0]]);
    assert.deepEqual(await find(`name = '${names[1]}'`), [names[1]]);
    assert.deepEqual(await find(`name LIKE 'find-%' AND ${ours}`), [names[0], names[1]]);
    assert.deepEqual(await find(`name ILIKE 'find-%' AND ${ours}`), [names[2], names[0], names[1]]);
    await assert.rejects(find("colour = 'x'"), InvalidRequestError);
    const pages = await collect(models.search({ filter: ours, pageSize: 2 }).pages());
    assert.deepEqual(
      pages.map((page) => page.length),
      [2, 1],
    );

    const versions = async (filter: string, orderBy?: string[]) =>
      (await collect(models.searchVersions({ filter, ...(orderBy && { orderBy }) }))).map(
        ({ name, version }) => `${name.slice(5, 6)}${version}`,
      );
    assert.deepEqual(await versions(`run_id = '${runId}'`, ['name ASC', 'version_number ASC']), [
      'z1',
      'x1',
      'x2',
      'y1',
    ]);
    assert.deepEqual(await versions(`run_id = '${runId}'`), ['x2', 'z1', 'y1', 'x1']);
    assert.deepEqual(await versions(`name = '${names[0]}'`, ['version_number DESC']), ['x2', 'x1']);
    assert.deepEqual(await versions(`run_id IN ('${runId}') AND tags.part = 'b'`), ['z1', 'y1']);
    assert.deepEqual(await versions(`name = '${names[0]}' AND version_number > 1`), ['x2']);
  });

  it('says of what is not there that it is not', async () => {
    const { models } = get().manager;
    const name = get().unique('nobody');
    for (const call of [
      () => models.get(name),
      () => models.rename(name, `${name}2`),
      () => models.describe(name, 'x'),
      () => models.delete(name),
      () => models.setTag(name, 'a', 'b'),
      () => models.getVersion(name, '1'),
      () => models.setAlias(name, 'a', '1'),
      () => models.getVersionByAlias(name, 'a'),
      () => models.downloadUri(name, '1'),
      () => models.createVersion(name, { source: 's3://bucket/model' }),
    ])
      await assert.rejects(call, NotFoundError);
    // MLflow 2 takes all but the empty name.
    const names = get().major === 3 ? ['', 'a/b', 'a:b', '../a'] : [''];
    for (const bad of names) await assert.rejects(models.create(bad), InvalidRequestError, bad);
    await assert.rejects(models.getVersion(name, 'first'), InvalidRequestError);
  });
}

/** What is changed from now on is newer than what was changed before. */
async function nextMillisecond(): Promise<void> {
  const now = Date.now();
  while (Date.now() === now) await setImmediate();
}
