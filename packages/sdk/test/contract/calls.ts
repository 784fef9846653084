import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { AbortedError, MlPlatformError } from '../../src/index.ts';
import { collect } from '../support/collect.ts';
import type { GetSubject } from './subject.ts';

export function callsContract(get: GetSubject): void {
  it('are ended by their signal', async () => {
    const { manager, unique } = get();
    const run = await manager.startRun();
    const options = { signal: AbortSignal.abort() };
    for (const call of [
      () => manager.experiments.create(unique('aborted'), options),
      () => manager.startRun({ ...options, experimentId: run.experimentId }),
      () => manager.runs.get(run.runId, options),
      () => collect(manager.runs.search(options)),
      () => run.logParam('a', 1, options),
      () => run.artifacts.upload('a', 'b', options),
      () => run.artifacts.open('a', options),
      () => manager.models.search(options)[Symbol.asyncIterator]().next(),
    ])
      await assert.rejects(call, isAborted, call.toString());
    await run.end();
    assert.equal(await manager.experiments.findByName(unique('aborted')), undefined);
    assert.deepEqual({ ...(await manager.runs.get(run.runId)).params }, {});
  });

  it('are ended by it while bytes are going', async () => {
    const { manager } = get();
    const controller = new AbortController();
    const run = await manager.startRun();
    const endless = Readable.from(
      (async function* () {
        yield Buffer.alloc(10);
        controller.abort();
        await new Promise(() => undefined);
      })(),
    );
    await assert.rejects(run.artifacts.upload('endless', endless, { signal: controller.signal }), isAborted);
    assert.deepEqual(await collect(run.artifacts.list()), []);
    await run.end();
  });

  it('fail with what went wrong, in words and as a code', async () => {
    await assert.rejects(get().manager.runs.get('0'.repeat(32)), (error: unknown) => {
      assert.ok(error instanceof MlPlatformError);
      const { name, code, errorCode, status, canRetry, advice, message } = error;
      assert.deepEqual(
        { name, code, errorCode, status, canRetry },
        {
          name: 'NotFoundError',
          code: 'NOT_FOUND',
          errorCode: 'RESOURCE_DOES_NOT_EXIST',
          status: 404,
          canRetry: false,
        },
      );
      assert.match(message, /^Run .*id=?0{32}/);
      assert.ok(advice.length > 0);
      return true;
    });
  });

  it('that are under way at the same time do not disturb each other', async () => {
    const { manager } = get();
    const runs = await Promise.all(Array.from({ length: 5 }, () => manager.startRun()));
    await Promise.all(
      runs.map(async (run, index) => {
        for (let step = 0; step < 50; step++) await run.logMetric('m', index, { step });
        await run.logParam('index', index);
      }),
    );
    await manager.flush();
    const records = await Promise.all(runs.map(({ runId }) => manager.runs.get(runId)));
    assert.deepEqual(
      records.map(({ params, metrics }) => [params['index'], metrics['m']?.value, metrics['m']?.step]),
      runs.map((_, index) => [`${index}`, index, 49]),
    );
    await Promise.all(runs.map((run) => run.end()));
  });
}

function isAborted(error: unknown): boolean {
  return error instanceof AbortedError && error.code === 'ABORTED';
}
