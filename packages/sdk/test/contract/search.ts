import assert from 'node:assert/strict';
import { InvalidRequestError, NotFoundError, type SearchRunsOptions } from '../../src/index.ts';
import { collect } from '../support/collect.ts';
import type { GetSubject } from './subject.ts';

const TIME = 1_700_000_000_000;

/** Runs a, b, c, d; d has neither the param nor a number. */
const RUNS = [
  { name: 'a', rate: '0.1', loss: 0.5, stage: 'Final', status: 'FINISHED' },
  { name: 'b', rate: '0.2', loss: 0.25, stage: 'final', status: 'FINISHED' },
  { name: 'c', rate: '0.10', loss: Number.NaN, stage: 'draft_1', status: 'FAILED' },
  { name: 'd', rate: undefined, loss: undefined, stage: 'draft%', status: 'KILLED' },
] as const;

/** What is found, by the names of the runs, in any order; by MLflow 2, to which NaN is 0, where it differs. */
const FILTERS: readonly (readonly [filter: string, found: string, foundBy2?: string])[] = [
  ['metrics.loss < 0.5', 'b', 'bc'],
  ['metrics.loss <= 0.5', 'ab', 'abc'],
  ['metric.loss > 2.5e-1', 'a'],
  ['metrics.loss >= 0.25 and metrics.loss != 0.5', 'b'],
  ['metrics.loss != 0.5', 'bc'],
  ['metrics.loss = 0', '', 'c'],
  ['metrics.`val/loss` > -1', 'a'],
  ["params.rate = '0.1'", 'a'],
  ['params.rate = "0.1"', 'a'],
  ["parameters.rate != '0.1'", 'bc'],
  ["params.rate LIKE '0.1%'", 'ac'],
  ["tags.stage = 'final'", 'b'],
  ["tags.stage LIKE 'fin%'", 'b'],
  ["tags.stage ilike 'FIN%'", 'ab'],
  ["tags.stage LIKE 'draft__'", 'c'],
  ["tags.stage LIKE 'draft_%'", 'cd'],
  ["tag.`with space` = 'x.y'", 'a'],
  ['tags."with space" = \'x.y\'', 'a'],
  ["tags.stage != 'x' AND params.rate LIKE '%.1%' AND metrics.loss > 0", 'a'],
  ["attributes.status = 'FAILED'", 'c'],
  ["status != 'FINISHED'", 'cd'],
  ["attr.run_name = 'b'", 'b'],
  ["attributes.`run name` LIKE '_'", 'abcd'],
  ["run.run_id IN ('@a', '@c')", 'ac'],
  ["run_id not in ('@a')", 'bcd'],
  [`attributes.start_time > ${TIME + 1}`, 'cd'],
  [`created <= ${TIME}`, 'a'],
  [`attributes.end_time = ${TIME + 100}`, 'a'],
  ["dataset.name = 'train'", 'a'],
  ["datasets.digest IN ('d1', 'd9')", 'a'],
  ["dataset.context = 'training'", 'a'],
  ['', 'abcd'],
];

const REFUSED = [
  "params.rate = '0.1' OR params.rate = '0.2'",
  'params.rate = 0.1',
  "metrics.loss = '0.5'",
  "metrics.loss LIKE '1'",
  "colours.red = 'x'",
  "attributes.colour = 'x'",
  "params.rate > '0.1'",
  "params.rate = 'open",
  'params.rate',
];

const ORDERS: readonly (readonly [orderBy: readonly string[], found: string])[] = [
  [[], 'dcba'],
  [['attributes.start_time ASC'], 'abcd'],
  [['metrics.loss ASC'], 'bacd'],
  [['metrics.loss DESC'], 'abcd'],
  [['params.rate'], 'acbd'],
  [['tags.stage DESC'], 'bcda'],
  [['attributes.status ASC', 'run_name DESC'], 'cbad'],
];

export function searchContract(get: GetSubject): void {
  const ids = new Map<string, string>();
  let experimentIds: string[];

  before(async () => {
    const { manager, unique } = get();
    const { experimentId } = await manager.experiments.create(unique('search'));
    experimentIds = [experimentId];
    for (const [index, { name, rate, loss, stage, status }] of RUNS.entries()) {
      const startTime = TIME + index;
      const run = await manager.startRun({ experimentId, runName: name, startTime, tags: { stage } });
      ids.set(name, run.runId);
      if (rate !== undefined) await run.logParam('rate', rate);
      if (loss !== undefined) await run.logMetric('loss', loss);
      if (name === 'a') {
        await run.setTag('with space', 'x.y');
        await run.logMetric('val/loss', -0.5);
        const dataset = { name: 'train', digest: 'd1', sourceType: 'local', source: '{}' };
        await run.logInput(dataset, { context: 'training' });
      }
      await run.end(status, { endTime: startTime + 100 });
    }
  });

  const find = async (options: SearchRunsOptions): Promise<string> => {
    const runs = await collect(get().manager.runs.search({ experimentIds, ...options }));
    return runs.map(({ info }) => info.runName).join('');
  };
  const withIds = (filter: string) => filter.replace(/@(\w)/g, (_, name) => ids.get(name) ?? name);

  it('find runs by what is said of their attributes, params, metrics, tags and datasets', async () => {
    for (const [filter, found, foundBy2 = found] of FILTERS)
      assert.equal(
        [...(await find({ filter: withIds(filter) }))].sort().join(''),
        get().major === 3 ? found : foundBy2,
        filter,
      );
  });

  it('find what has no such tag or param, with MLflow 3', async () => {
    if (get().major < 3) return;
    assert.equal(await find({ filter: 'params.rate IS NULL' }), 'd');
    assert.equal(await find({ filter: 'tags.`with space` is not null' }), 'a');
  });

  it('refuse what they do not understand', async () => {
    for (const filter of REFUSED) await assert.rejects(find({ filter }), InvalidRequestError, filter);
    await assert.rejects(find({ orderBy: ['colours.red'] }), InvalidRequestError);
    await assert.rejects(find({ orderBy: ['metrics.loss UPWARDS'] }), InvalidRequestError);
  });

  it('give runs in the order asked for: what is not there last, NaN before it', async () => {
    for (const [orderBy, found] of ORDERS) assert.equal(await find({ orderBy }), found, orderBy.join());
  });

  it('come in pages, and begin anew with each iteration', async () => {
    const search = get().manager.runs.search({ experimentIds, pageSize: 3, orderBy: ['run_name ASC'] });
    const pages = async () => (await collect(search.pages())).map((page) => page.length);
    assert.deepEqual(await pages(), [3, 1]);
    assert.deepEqual(await pages(), [3, 1]);
    assert.equal((await collect(search)).map(({ info }) => info.runName).join(''), 'abcd');
    for await (const { info } of search) {
      assert.equal(info.runName, 'a');
      break;
    }
    await assert.rejects(find({ pageSize: 0 }), InvalidRequestError);
  });

  it('give whole runs', async () => {
    const { manager } = get();
    const runId = ids.get('a') ?? '';
    const [found] = await collect(manager.runs.search({ experimentIds, filter: `run_id = '${runId}'` }));
    const { metrics, ...rest } = await manager.runs.get(runId);
    assert.deepEqual({ ...found, metrics: undefined }, { ...rest, metrics: undefined });
    assert.deepEqual(new Map(Object.entries(found?.metrics ?? {})), new Map(Object.entries(metrics)));
  });

  it('look where they are told to, and among those that are deleted on request', async () => {
    const { manager, unique, experimentName } = get();
    const name = unique('elsewhere');
    const run = await manager.startRun({ experimentName: name, runName: 'x' });
    await run.end();
    assert.equal(await find({ experimentNames: [name] }), 'xdcba');
    const configured = await manager.startRun({ runName: unique('configured') });
    await configured.end();
    const filter = `run_name = '${unique('configured')}'`;
    const [found] = await collect(manager.runs.search({ filter }));
    assert.equal(found?.info.runId, configured.runId, experimentName);
    await assert.rejects(
      collect(manager.runs.search({ experimentNames: [unique('nowhere')] })),
      NotFoundError,
    );
    await manager.runs.delete(run.runId);
    assert.equal(await find({ experimentIds: [run.experimentId] }), '');
    assert.equal(await find({ experimentIds: [run.experimentId], view: 'deleted' }), 'x');
    assert.equal(await find({ experimentIds: [run.experimentId], view: 'all' }), 'x');
  });
}
