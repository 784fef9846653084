import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FakeHttp } from '../../test/support/fake-http.ts';
import { FakeTimers } from '../../test/support/fake-timers.ts';
import { silentLogger } from '../config/logger.ts';
import {
  AlreadyExistsError,
  BufferError,
  ConnectionLostError,
  InvalidRequestError,
  NotFoundError,
  ServerError,
} from '../errors/errors.ts';
import type { JsonObject } from '../http/json.ts';
import { noExitWatch } from './exit-watch.ts';
import { createMlflowManager } from './manager.ts';

const info = (runId: string, more: JsonObject = {}) => ({
  run_id: runId,
  experiment_id: '7',
  run_name: 'calm-crow',
  status: 'RUNNING',
  start_time: 1,
  artifact_uri: `mlflow-artifacts:/7/${runId}/artifacts`,
  lifecycle_stage: 'active',
  ...more,
});
const experiment = (more: JsonObject = {}) => ({
  experiment: { experiment_id: '7', name: 'e', lifecycle_stage: 'active', ...more },
});
const missing = () => new NotFoundError('none', { status: 404, errorCode: 'RESOURCE_DOES_NOT_EXIST' });

function setUp(answers: ConstructorParameters<typeof FakeHttp>[0] = {}) {
  let runs = 0;
  const http = new FakeHttp({
    'experiments/get-by-name': () => experiment(),
    'experiments/get': () => experiment(),
    'runs/create': () => ({ run: { info: info(`r${++runs}`) } }),
    'runs/get': () => ({ run: { info: info('r1') } }),
    'runs/update': () => ({ run_info: info('r1') }),
    ...answers,
  });
  const manager = createMlflowManager(
    { experimentName: 'e', metricsBufferSize: 1000, metricsFlushMs: 100, logger: silentLogger },
    http,
    {
      clock: { now: () => 42 },
      setTimer: new FakeTimers().setTimer,
      exitWatch: noExitWatch,
      contextTags: { 'mlflow.user': 'ada', 'mlflow.source.type': 'LOCAL' },
    },
  );
  return { http, manager };
}

const lost = () => new ConnectionLostError('gone');

describe('a run', () => {
  it('begins in the configured experiment, with who began it, and what it is', async () => {
    const { http, manager } = setUp();
    const tags = { stage: 'final', 'mlflow.source.type': 'JOB' };
    await manager.startRun({ runName: 'one', tags, description: 'what for' });
    assert.deepEqual(http.bodies('runs/create'), [
      {
        experiment_id: '7',
        run_name: 'one',
        start_time: 42,
        user_id: 'ada',
        tags: [
          { key: 'mlflow.user', value: 'ada' },
          { key: 'mlflow.source.type', value: 'JOB' },
          { key: 'stage', value: 'final' },
          { key: 'mlflow.note.content', value: 'what for' },
        ],
      },
    ]);
  });

  it('is not begun twice by a repeated request, as all that may be repeated is', async () => {
    const { http, manager } = setUp();
    const run = await manager.startRun();
    await run.logMetric('m', 1);
    await run.logParam('p', 1);
    await run.deleteTag('t');
    await run.end();
    const repeatable = http.requests
      .filter(({ method }) => method === 'POST')
      .map(({ path, isIdempotent }) => [path.replace('/api/2.0/mlflow/runs/', ''), isIdempotent]);
    assert.deepEqual(Object.fromEntries(repeatable), {
      create: false,
      'log-parameter': true,
      'log-batch': true,
      'delete-tag': false,
      update: true,
    });
  });

  it('nested is in the experiment of its parent, without asking for it', async () => {
    const { http, manager } = setUp();
    const parent = await manager.startRun({ experimentId: '9' });
    http.requests.length = 0;
    await parent.withRun({ runName: 'inner' }, () => undefined);
    const [created] = http.bodies('runs/create');
    assert.equal(created?.['experiment_id'], '7');
    const tags = created?.['tags'] as { key: string; value: string }[];
    assert.equal(tags.find(({ key }) => key === 'mlflow.parentRunId')?.value, 'r1');
    assert.deepEqual(
      http.requests.map(({ path }) => path.split('/').at(-1)),
      ['create', 'update'],
    );
  });

  it('ends when what it has logged is stored, once', async () => {
    const { http, manager } = setUp();
    const run = await manager.startRun();
    await run.logMetric('m', 1);
    await Promise.all([run.end('KILLED'), run.end()]);
    await run.end('FAILED');
    assert.deepEqual(http.bodies('runs/update'), [{ run_id: 'r1', status: 'KILLED', end_time: 42 }]);
    const paths = http.requests.map(({ path }) => path.split('/').at(-1));
    assert.ok(paths.indexOf('log-batch') < paths.indexOf('update'));
  });

  it('does not end while what it has logged can still be sent, and takes more until it does', async () => {
    let isAway = true;
    const { http, manager } = setUp({ 'runs/log-batch': () => (isAway ? lost() : {}) });
    const run = await manager.startRun();
    await run.logMetric('m', 1);
    await assert.rejects(run.end(), ConnectionLostError);
    assert.deepEqual(http.bodies('runs/update'), []);
    isAway = false;
    await run.logMetric('m', 2);
    await run.end();
    const { metrics } = http.bodies('runs/log-batch').at(-1) ?? {};
    assert.equal((metrics as unknown[]).length, 2);
    assert.equal(http.bodies('runs/update').length, 1);
  });

  it('ends though some of it is refused for good, and says so', async () => {
    const { http, manager } = setUp({ 'runs/log-batch': () => new InvalidRequestError('no') });
    const run = await manager.startRun();
    await run.logMetric('m', 1, { step: 2n ** 60n });
    await assert.rejects(run.end(), (error: unknown) => {
      assert.ok(error instanceof BufferError);
      assert.deepEqual(error.lost, [{ key: 'm', step: String(2n ** 60n), reason: 'no' }]);
      return true;
    });
    assert.equal(http.bodies('runs/update').length, 1);
    await run.end();
  });

  it('takes nothing after its end', async () => {
    const { http, manager } = setUp();
    const run = await manager.startRun();
    const ending = run.end();
    await assert.rejects(run.logMetric('m', 1), InvalidRequestError);
    await ending;
    await assert.rejects(run.setTag('t', 'v'), InvalidRequestError);
    assert.deepEqual(http.bodies('runs/set-tag'), []);
  });

  it('waits in flush for calls that were not awaited, and says that they failed', async () => {
    const { promise, resolve } = Promise.withResolvers<JsonObject>();
    const { manager } = setUp({ 'runs/set-tag': () => promise, 'runs/log-parameter': () => lost() });
    const run = await manager.startRun();
    const tagged = run.setTag('t', 'v');
    let isFlushed = false;
    const flushed = run.flush().then(() => {
      isFlushed = true;
    });
    await nextTurn();
    assert.equal(isFlushed, false);
    resolve({});
    await Promise.all([tagged, flushed]);
    const param = assert.rejects(run.logParam('p', 1), ConnectionLostError);
    await Promise.all([param, assert.rejects(run.flush(), ConnectionLostError)]);
    await run.flush();
  });

  it('refuses where it is logged what is no metric', async () => {
    const { manager } = setUp();
    const run = await manager.startRun();
    for (const [value, options] of [
      ['1', {}],
      [1, { step: 0.5 }],
      [1, { step: 2 ** 53 }],
      [1, { step: 2n ** 63n }],
      [1, { timestamp: Number.NaN }],
    ] as [number, object][]) {
      await assert.rejects(run.logMetric('m', value, options), InvalidRequestError);
    }
    await run.flush();
  });
});

describe('what programs without types leave out', () => {
  const missing = undefined as unknown as string;
  const nothing = null as never;

  it('is refused with the name of what it was meant for, and reaches no server', async () => {
    const { http, manager } = setUp();
    const run = await manager.startRun();
    const before = http.requests.length;
    await assert.rejects(run.logParam('rate', missing), /The param "rate" has no value: it is undefined/);
    await assert.rejects(
      run.logParams({ rate: null as unknown as string }),
      /The param "rate" has no value: it is null/,
    );
    await assert.rejects(run.setTag('stage', missing), /The tag "stage" has no value/);
    await assert.rejects(run.setTags({ stage: missing }), /The tag "stage" has no value/);
    await assert.rejects(run.logBatch({ tags: { stage: missing } }), InvalidRequestError);
    await assert.rejects(manager.startRun({ tags: { stage: missing } }), InvalidRequestError);
    await assert.rejects(manager.experiments.setTag('7', 'stage', missing), InvalidRequestError);
    await assert.rejects(manager.models.setTag('m', 'stage', missing), InvalidRequestError);
    for (const [wrong, message] of [
      [() => run.logParams(nothing), /The params are null: they have to be an object/],
      [() => run.setTags(nothing), /The tags are null/],
      [() => run.logMetrics(nothing), /The metrics are null/],
      [() => run.logBatch(missing as never), /The contents of a batch are undefined/],
      [() => run.logInput(missing as never), /The members of a dataset are undefined/],
      [() => run.registerModel('m', missing), /The artifact path of a model is undefined: it has to be text/],
      [() => run.artifacts.upload(missing, 'x'), /The path of an artifact is undefined/],
      [() => run.artifacts.open(missing), /The path of an artifact is undefined/],
      [() => manager.startRun('first try' as never), /The options of a run are "first try"/],
      [
        () => manager.withRun((async () => 1) as never, missing as never),
        /withRun takes options and a function/,
      ],
      [
        () => manager.models.download('m', 1 as never, '.'),
        /The version, or its alias, is 1: it has to be text/,
      ],
      [() => manager.models.download('m', '1', missing), /The folder to download to is undefined/],
    ] as const)
      await assert.rejects(
        wrong,
        (error) => error instanceof InvalidRequestError && message.test(error.message),
      );
    const sent = http.requests.slice(before).map(({ path }) => path);
    assert.deepEqual(
      sent.filter((path) => !path.includes('/experiments/get')),
      [],
    );
  });
});

describe('work in a run', () => {
  it('leaves it FAILED where the work fails, also where its metrics could not be sent', async () => {
    const { http, manager } = setUp({ 'runs/log-batch': () => lost() });
    const failure = new Error('of the work');
    const work = manager.withRun({}, async (run) => {
      await run.logMetric('m', 1);
      throw failure;
    });
    await assert.rejects(work, failure);
    assert.deepEqual(http.bodies('runs/update'), [{ run_id: 'r1', status: 'FAILED', end_time: 42 }]);
  });

  it('leaves it FINISHED where the work is done, and what it has logged is stored at the second try', async () => {
    let tries = 0;
    const { http, manager } = setUp({ 'runs/log-batch': () => (tries++ === 0 ? lost() : {}) });
    const work = manager.withRun({}, (run) => run.logMetric('m', 1));
    await assert.rejects(work, ConnectionLostError);
    assert.equal(http.bodies('runs/update')[0]?.['status'], 'FINISHED');
  });

  it('leaves it FAILED where what the work has logged is not stored', async () => {
    const { http, manager } = setUp({ 'runs/log-batch': () => lost() });
    await assert.rejects(manager.withRun({}, (run) => run.logMetric('m', 1)));
    assert.equal(http.bodies('runs/update')[0]?.['status'], 'FAILED');
  });

  it('ends by no other status than there is', async () => {
    const { http, manager } = setUp();
    const run = await manager.startRun();
    await assert.rejects(run.end('finished' as 'FINISHED'), InvalidRequestError);
    assert.equal(http.bodies('runs/update').length, 0);
    await run.end();
  });

  it('is what failed, where the run can not be ended either', async () => {
    const { manager } = setUp({ 'runs/update': () => new ServerError('down') });
    const failure = new Error('of the work');
    await assert.rejects(
      manager.withRun({}, () => Promise.reject(failure)),
      failure,
    );
  });

  it('is done where it has ended the run itself', async () => {
    const { http, manager } = setUp();
    const result = await manager.withRun({}, async (run) => {
      await run.end('KILLED');
      return 'result';
    });
    assert.equal(result, 'result');
    assert.equal(http.bodies('runs/update').length, 1);
  });
});

describe('the manager', () => {
  it('flushes all runs before it closes, and says of each what is lost', async () => {
    const { http, manager } = setUp({ 'runs/log-batch': () => new InvalidRequestError('no') });
    for (const key of ['a', 'b']) {
      await (await manager.startRun()).logMetric(key, 1);
    }
    await assert.rejects(manager.close(), (error: unknown) => {
      assert.ok(error instanceof BufferError);
      assert.deepEqual(
        error.lost.map(({ key }) => key),
        ['a', 'b'],
      );
      return true;
    });
    assert.equal(http.isClosed, true);
    await manager.flush();
  });

  it('begins no run, and goes on with none, once it is closed', async () => {
    const { manager } = setUp();
    await manager.close();
    await assert.rejects(manager.startRun(), /The manager is closed/);
    await assert.rejects(
      manager.withRun({}, () => undefined),
      /The manager is closed/,
    );
    await assert.rejects(manager.runs.resume('r1'), /The manager is closed/);
  });

  it('begins a run in one experiment, not in two', async () => {
    const { manager } = setUp();
    const both = { experimentId: '7', experimentName: 'other' };
    await assert.rejects(manager.startRun(both), /give experimentId or experimentName/);
  });

  it('makes an experiment that others make at the same time', async () => {
    const names = [missing(), experiment()];
    const { manager } = setUp({
      'experiments/get-by-name': () => names.shift() as JsonObject,
      'experiments/create': () => new AlreadyExistsError('there'),
    });
    assert.equal((await manager.experiments.getOrCreate('e')).experimentId, '7');
  });

  it('does not take a wrong address for an experiment that is missing', async () => {
    const { manager } = setUp({
      'experiments/get-by-name': () => new NotFoundError('a page', { status: 404 }),
    });
    await assert.rejects(manager.experiments.findByName('e'), NotFoundError);
  });

  it('begins no run in a deleted experiment, and says how to', async () => {
    const { manager } = setUp({
      'experiments/get-by-name': () => experiment({ lifecycle_stage: 'deleted' }),
    });
    await assert.rejects(manager.startRun(), /experiments\.restore\('7'\)/);
  });

  it('finds no runs in a configured experiment that nobody has made, but misses one that is named', async () => {
    const { http, manager } = setUp({ 'experiments/get-by-name': missing });
    assert.deepEqual(await Array.fromAsync(manager.runs.search()), []);
    assert.deepEqual(http.bodies('runs/search'), []);
    await assert.rejects(
      Array.fromAsync(manager.runs.search({ experimentNames: ['typo'] })),
      /There is no experiment "typo"/,
    );
  });

  it('goes on with no deleted run', async () => {
    const { manager } = setUp({
      'runs/get': () => ({ run: { info: info('r1', { lifecycle_stage: 'deleted' }) } }),
    });
    await assert.rejects(manager.runs.resume('r1'), /runs\.restore\('r1'\)/);
  });

  it('registers of several logged models of a name the one of the largest step', async () => {
    const model = (id: string, runId = 'r1') => ({ info: { model_id: id, source_run_id: runId } });
    const { http, manager } = setUp({
      'logged-models/search': () => ({
        models: [model('m1'), model('m2'), model('m3', 'other'), model('m4')],
      }),
      'runs/get': () => ({
        run: {
          info: info('r1'),
          outputs: {
            model_outputs: [
              { model_id: 'm1', step: 1 },
              { model_id: 'm2', step: 20 },
              { model_id: 'm4', step: 3 },
            ],
          },
        },
      }),
      'model-versions/create': () => ({ model_version: { name: 'n', version: '1' } }),
    });
    await manager.models.registerFromRun('n', 'r1', 'model', { tags: { a: 'b' } });
    assert.deepEqual(http.bodies('model-versions/create'), [
      {
        name: 'n',
        source: 'models:/m2',
        run_id: 'r1',
        model_id: 'm2',
        tags: [{ key: 'a', value: 'b' }],
      },
    ]);
  });
});
