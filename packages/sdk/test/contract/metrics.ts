import assert from 'node:assert/strict';
import { BufferError, InvalidRequestError, type Metric, type Run } from '../../src/index.ts';
import { collect } from '../support/collect.ts';
import type { GetSubject } from './subject.ts';

const TIME = 1_700_000_000_000;

export function metricsContract(get: GetSubject): void {
  let run: Run;
  beforeEach(async () => {
    run = await get().manager.startRun();
  });
  afterEach(() => run.end().catch(() => undefined));

  const history = (key: string) => collect(get().manager.runs.metricHistory(run.runId, key));
  const latest = async (key: string) => (await get().manager.runs.get(run.runId)).metrics[key];
  const point = (value: number, step: number | bigint, timestamp: number | bigint = TIME): Metric => ({
    ...{ key: 'm', value, step, timestamp },
  });

  it('are on the server once flush resolves, and at step 0 unless another is given', async () => {
    const before = Date.now();
    await run.logMetric('loss', 0.5);
    await run.logMetrics({ loss: 0.25, accuracy: 0.9 }, { step: 1, timestamp: TIME });
    await run.flush();
    const [first] = (await history('loss')).filter(({ step }) => step === 0);
    assert.equal(first?.value, 0.5);
    assert.ok(Number(first?.timestamp) >= before && Number(first?.timestamp) <= Date.now());
    assert.deepEqual(await latest('accuracy'), { key: 'accuracy', value: 0.9, step: 1, timestamp: TIME });
    assert.deepEqual(await latest('loss'), { key: 'loss', value: 0.25, step: 1, timestamp: TIME });
  });

  it('have the value of the greatest step as their latest, then of the latest time, then the greatest', async () => {
    await run.logBatch({ metrics: [point(1, 5), point(2, 3, TIME + 10)] });
    assert.equal((await latest('m'))?.value, 1);
    await run.logBatch({ metrics: [point(0.5, 5, TIME + 1)] });
    assert.equal((await latest('m'))?.value, 0.5);
    await run.logBatch({ metrics: [point(3, 5, TIME + 1), point(2, 5, TIME + 1)] });
    assert.equal((await latest('m'))?.value, 3);
  });

  it('have a history by time, then step, then value, in which each point is once', async () => {
    const points = [point(3, 2), point(1, 2), point(9, 1), point(5, 0, TIME + 5), point(7, 9, TIME - 5)];
    await run.logBatch({ metrics: points });
    await run.logBatch({ metrics: [point(3, 2), point(3, 2)] });
    const expected = [point(7, 9, TIME - 5), point(9, 1), point(1, 2), point(3, 2), point(5, 0, TIME + 5)];
    assert.deepEqual(ordered(await history('m'), get().major), ordered(expected, get().major));
    assert.deepEqual(await history('unknown'), []);
  });

  it('are not numbers, or as great as a database holds', async () => {
    await run.logMetric('nan', Number.NaN);
    await run.logMetric('more', Number.POSITIVE_INFINITY);
    await run.logMetric('less', Number.NEGATIVE_INFINITY);
    await run.logMetric('tiny', -1.5e-300);
    await run.flush();
    assert.deepEqual(
      await Promise.all(['nan', 'more', 'less', 'tiny'].map(async (key) => (await latest(key))?.value)),
      [Number.NaN, Number.MAX_VALUE, -Number.MAX_VALUE, -1.5e-300],
    );
  });

  it('keep steps and times of 64 bits', async () => {
    const great = point(1, 2n ** 62n + 1n, 2n ** 60n + 1n);
    const least = point(2, -(2n ** 63n), 0);
    await run.logBatch({ metrics: [great, least] });
    assert.deepEqual(await latest('m'), great);
    assert.deepEqual(await history('m'), [least, great]);
    await run.logMetric('m', 3, { step: 2n ** 63n - 1n, timestamp: TIME });
    await run.flush();
    assert.equal((await latest('m'))?.step, 2n ** 63n - 1n);
    await assert.rejects(run.logMetric('m', 1, { step: 2n ** 63n }), InvalidRequestError);
    await assert.rejects(run.logMetric('m', 1, { step: 0.5 }), InvalidRequestError);
  });

  it('come page by page, in the order in which they were logged', async () => {
    const count = 1200;
    for (let step = 0; step < count; step++) await run.logMetric('m', step, { step, timestamp: TIME + step });
    await run.flush();
    const sizes: number[] = [];
    const steps: unknown[] = [];
    for await (const page of get().manager.runs.metricHistory(run.runId, 'm', { pageSize: 500 }).pages()) {
      sizes.push(page.length);
      steps.push(...page.map(({ step }) => step));
    }
    assert.deepEqual(
      steps,
      Array.from({ length: count }, (_, step) => step),
    );
    // MLflow 2 has no pages here.
    assert.deepEqual(sizes, get().major === 3 ? [500, 500, 200] : [count]);
  });

  it('that can not be stored are named by flush, and leave the others stored', async () => {
    await run.logMetric('good', 1);
    await run.logMetric('not;good', 2, { step: 7 });
    await run.logMetric('good', 3, { step: 1 });
    await assert.rejects(run.flush(), (error: unknown) => {
      assert.ok(error instanceof BufferError);
      assert.deepEqual(
        error.lost.map(({ key, step }) => [key, step]),
        [['not;good', '7']],
      );
      return true;
    });
    await run.flush();
    assert.equal((await history('good')).length, 2);
  });

  it('of runs that are deleted are refused', async () => {
    await get().manager.runs.delete(run.runId);
    await assert.rejects(run.logBatch({ metrics: [point(1, 1)] }), InvalidRequestError);
    await get().manager.runs.restore(run.runId);
  });
}

/** MLflow 2 gives them in the order of its database. */
function ordered(metrics: readonly Metric[], major: 2 | 3): readonly Metric[] {
  const id = ({ timestamp, step, value }: Metric) => `${timestamp} ${step} ${value}`;
  return major === 3 ? metrics : metrics.toSorted((a, b) => (id(a) < id(b) ? -1 : 1));
}
