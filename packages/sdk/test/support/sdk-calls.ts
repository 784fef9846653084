/** Every call of the SDK that talks to a server, for tests of all of them. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Experiment, ExperimentManager, Run } from '../../src/index.ts';
import { collect } from './collect.ts';

/** What is there before a call is made. */
export interface World {
  experiment: Experiment;
  deleted: { experimentId: string; runId: string };
  /** Still written. */
  run: Run;
}

export interface SdkCall {
  name: string;
  /** The request of it that meets the fault: method and the end of the path. */
  request: string;
  /** It may be sent again where it may have been applied. */
  isRepeatable: boolean;
  /** What the answer is: a file's bytes can be anything. */
  answer: 'json' | 'file';
  make: (manager: ExperimentManager, world: World) => Promise<unknown>;
}

type Make = SdkCall['make'];
const call = (name: string, request: string, isRepeatable: boolean, make: Make): SdkCall => ({
  name,
  request,
  isRepeatable,
  answer: 'json',
  make,
});
const repeated = (name: string, request: string, make: Make) => call(name, request, true, make);
/** Sent again, it might be done twice, or fail because it was done. */
const once = (name: string, request: string, make: Make) => call(name, request, false, make);
const file = (name: string, request: string, isRepeatable: boolean, make: Make): SdkCall => ({
  ...call(name, request, isRepeatable, make),
  answer: 'file',
});

const PUT = 'PUT artifacts/a/new.txt';
const GET = 'GET artifacts/a/b.txt';
const MODEL = 'registered-models';
const VERSION = 'model-versions';

const EXPERIMENTS: readonly SdkCall[] = [
  once('experiments.create', 'POST experiments/create', ({ experiments }) => experiments.create('new')),
  repeated('experiments.get', 'GET experiments/get', ({ experiments }, { experiment }) =>
    experiments.get(experiment.experimentId),
  ),
  repeated('experiments.findByName', 'GET experiments/get-by-name', ({ experiments }) =>
    experiments.findByName('world'),
  ),
  repeated('experiments.getOrCreate: looks', 'GET experiments/get-by-name', ({ experiments }) =>
    experiments.getOrCreate('new'),
  ),
  repeated('experiments.getOrCreate: makes', 'POST experiments/create', ({ experiments }) =>
    experiments.getOrCreate('new'),
  ),
  repeated('experiments.rename', 'POST experiments/update', ({ experiments }, { experiment }) =>
    experiments.rename(experiment.experimentId, 'renamed'),
  ),
  once('experiments.delete', 'POST experiments/delete', ({ experiments }, { experiment }) =>
    experiments.delete(experiment.experimentId),
  ),
  once('experiments.restore', 'POST experiments/restore', ({ experiments }, { deleted }) =>
    experiments.restore(deleted.experimentId),
  ),
  repeated('experiments.setTag', 'POST experiments/set-experiment-tag', ({ experiments }, { experiment }) =>
    experiments.setTag(experiment.experimentId, 'k', 'v'),
  ),
  repeated('experiments.search', 'POST experiments/search', ({ experiments }) =>
    collect(experiments.search()),
  ),
];

const RUNS: readonly SdkCall[] = [
  once('startRun', 'POST runs/create', (manager) => manager.startRun()),
  once('withRun', 'POST runs/create', (manager) => manager.withRun({}, (run) => run.logParam('p', 1))),
  repeated('runs.get', 'GET runs/get', ({ runs }, { run }) => runs.get(run.runId)),
  repeated('runs.metricHistory', 'GET metrics/get-history', ({ runs }, { run }) =>
    collect(runs.metricHistory(run.runId, 'm')),
  ),
  repeated('runs.update', 'POST runs/update', ({ runs }, { run }) =>
    runs.update(run.runId, { runName: 'other' }),
  ),
  repeated('runs.delete', 'POST runs/delete', ({ runs }, { run }) => runs.delete(run.runId)),
  repeated('runs.restore', 'POST runs/restore', ({ runs }, { deleted }) => runs.restore(deleted.runId)),
  repeated('runs.search', 'POST runs/search', ({ runs }) => collect(runs.search())),
  repeated('runs.resume', 'POST runs/update', ({ runs }, { run }) => runs.resume(run.runId)),
  repeated('run.logParam', 'POST runs/log-parameter', (_, { run }) => run.logParam('new', 1)),
  repeated('run.logParams', 'POST runs/log-batch', (_, { run }) => run.logParams({ new: 1, other: 2 })),
  repeated('run.logMetric and flush', 'POST runs/log-batch', async (_, { run }) => {
    await run.logMetric('m', 2, { step: 2 });
    await run.flush();
  }),
  repeated('run.logBatch', 'POST runs/log-batch', (_, { run }) => run.logBatch({ tags: { a: 'b' } })),
  repeated('run.setTag', 'POST runs/set-tag', (_, { run }) => run.setTag('k', 'v')),
  repeated('run.setTags', 'POST runs/log-batch', (_, { run }) => run.setTags({ k: 'v', l: 'w' })),
  once('run.deleteTag', 'POST runs/delete-tag', (_, { run }) => run.deleteTag('tag')),
  repeated('run.logInput', 'POST runs/log-inputs', (_, { run }) =>
    run.logInput({ name: 'd', digest: '1', sourceType: 'local', source: '{}' }),
  ),
  repeated('run.end', 'POST runs/update', (_, { run }) => run.end()),
  once('run.registerModel', 'POST model-versions/create', (_, { run }) => run.registerModel('m', 'a')),
];

const ARTIFACTS: readonly SdkCall[] = [
  repeated('artifacts.list', 'GET artifacts/list', (_, { run }) => collect(run.artifacts.list('a'))),
  file('artifacts.upload', PUT, true, (_, { run }) => run.artifacts.upload('a/new.txt', 'text')),
  file('artifacts.upload of a stream', PUT, false, (_, { run }) =>
    run.artifacts.upload('a/new.txt', Readable.from([Buffer.from('te'), Buffer.from('xt')])),
  ),
  file('artifacts.uploadFile', PUT, true, (_, { run }) =>
    inFolder((folder) => run.artifacts.uploadFile(join(folder, 'new.txt'), 'a')),
  ),
  file('artifacts.uploadFolder', PUT, true, (_, { run }) =>
    inFolder((folder) => run.artifacts.uploadFolder(folder, 'a')),
  ),
  file('artifacts.open', GET, true, async (_, { run }) => buffer(await run.artifacts.open('a/b.txt'))),
  file('artifacts.downloadFile', GET, true, (_, { run }) =>
    inFolder((folder) => run.artifacts.downloadFile('a/b.txt', join(folder, 'b.txt'))),
  ),
  file('artifacts.downloadFolder', GET, true, (_, { run }) =>
    inFolder((folder) => run.artifacts.downloadFolder('a', folder)),
  ),
  repeated('artifactsOf', 'GET artifacts/list', (manager, { run }) =>
    collect(manager.artifactsOf(run.runId).list()),
  ),
];

const MODELS: readonly SdkCall[] = [
  once('models.create', `POST ${MODEL}/create`, ({ models }) => models.create('new')),
  repeated('models.get', `GET ${MODEL}/get`, ({ models }) => models.get('m')),
  once('models.rename', `POST ${MODEL}/rename`, ({ models }) => models.rename('m', 'n')),
  repeated('models.describe', `PATCH ${MODEL}/update`, ({ models }) => models.describe('m', 'text')),
  once('models.delete', `DELETE ${MODEL}/delete`, ({ models }) => models.delete('m')),
  repeated('models.setTag', `POST ${MODEL}/set-tag`, ({ models }) => models.setTag('m', 'k', 'v')),
  repeated('models.deleteTag', `DELETE ${MODEL}/delete-tag`, ({ models }) => models.deleteTag('m', 'tag')),
  repeated('models.search', `GET ${MODEL}/search`, ({ models }) => collect(models.search())),
  once('models.createVersion', `POST ${VERSION}/create`, ({ models }, { run }) =>
    models.createVersion('m', { source: `runs:/${run.runId}/a`, runId: run.runId }),
  ),
  once('models.registerFromRun', `POST ${VERSION}/create`, ({ models }, { run }) =>
    models.registerFromRun('m', run.runId, 'a'),
  ),
  repeated('models.registerFromRun: the model', `POST ${MODEL}/create`, ({ models }, { run }) =>
    models.registerFromRun('m', run.runId, 'a'),
  ),
  repeated('models.getVersion', `GET ${VERSION}/get`, ({ models }) => models.getVersion('m', '1')),
  repeated('models.getVersionByAlias', `GET ${MODEL}/alias`, ({ models }) =>
    models.getVersionByAlias('m', 'champion'),
  ),
  repeated('models.describeVersion', `PATCH ${VERSION}/update`, ({ models }) =>
    models.describeVersion('m', '1', 'text'),
  ),
  once('models.deleteVersion', `DELETE ${VERSION}/delete`, ({ models }) => models.deleteVersion('m', '1')),
  repeated('models.setVersionTag', `POST ${VERSION}/set-tag`, ({ models }) =>
    models.setVersionTag('m', '1', 'k', 'v'),
  ),
  repeated('models.deleteVersionTag', `DELETE ${VERSION}/delete-tag`, ({ models }) =>
    models.deleteVersionTag('m', '1', 'tag'),
  ),
  repeated('models.downloadUri', `GET ${VERSION}/get-download-uri`, ({ models }) =>
    models.downloadUri('m', '1'),
  ),
  repeated('models.download', `GET ${VERSION}/get-download-uri`, ({ models }) =>
    inFolder((folder) => models.download('m', '1', folder)),
  ),
  repeated('models.download: lists', 'GET mlflow-artifacts/artifacts', ({ models }) =>
    inFolder((folder) => models.download('m', '1', folder)),
  ),
  file('models.download: a file', GET, true, ({ models }) =>
    inFolder((folder) => models.download('m', '1', folder)),
  ),
  repeated('models.searchVersions', `GET ${VERSION}/search`, ({ models }) =>
    collect(models.searchVersions()),
  ),
  repeated('models.setAlias', `POST ${MODEL}/alias`, ({ models }) => models.setAlias('m', 'other', '1')),
  repeated('models.deleteAlias', `DELETE ${MODEL}/alias`, ({ models }) =>
    models.deleteAlias('m', 'champion'),
  ),
];

export const SDK_CALLS: readonly SdkCall[] = [...EXPERIMENTS, ...RUNS, ...ARTIFACTS, ...MODELS];

/** Made by a manager whose server does not fail. */
export async function fillWorld(manager: ExperimentManager): Promise<Omit<World, 'run'> & { runId: string }> {
  const { experiments, models } = manager;
  const experiment = await experiments.getOrCreate('world');
  const gone = await experiments.create('deleted');
  await experiments.delete(gone.experimentId);
  const [run, deletedRun] = [await manager.startRun(), await manager.startRun()];
  await run.logBatch({ params: { p: 1 }, tags: { tag: 'value' } });
  await run.logMetric('m', 1, { step: 1 });
  await run.artifacts.upload('a/b.txt', 'text');
  await run.flush();
  await manager.runs.delete(deletedRun.runId);
  await models.create('m', { tags: { tag: 'value' } });
  await models.createVersion('m', { source: `runs:/${run.runId}/a`, tags: { tag: 'value' } });
  await models.setAlias('m', 'champion', '1');
  return {
    experiment,
    deleted: { experimentId: gone.experimentId, runId: deletedRun.runId },
    runId: run.runId,
  };
}

async function inFolder<Result>(use: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'hokusai-sdk-calls-'));
  try {
    await writeFile(join(folder, 'new.txt'), 'text');
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}
