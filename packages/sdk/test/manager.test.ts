/** What only a real server shows of runs, metrics and registration: MLflow 3.17, and the last of 2.x. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type MlflowEndpoint, sharedMlflow, sharedMlflow2 } from '@hokusai/testing';
import {
  BufferError,
  createExperimentManager,
  type ExperimentManager,
  InvalidRequestError,
  type Metric,
  NotFoundError,
} from '../src/index.ts';
import { randomRuns } from '../src/mock/ids.ts';
import { createMemoryClient } from '../src/mock/server/client.ts';
import { createMemory } from '../src/mock/server/memory.ts';
import { collect } from './support/collect.ts';
import { startFaultServer } from './support/fault-server.ts';
import { memoryBehind } from './support/memory-behind.ts';

const run = promisify(execFile);

interface Server {
  mlflow: MlflowEndpoint;
  manager: ExperimentManager;
}

/** Tests on a server, with a manager of their own. */
function describeOn(
  name: string,
  endpoint: () => Promise<MlflowEndpoint>,
  tests: (server: Server) => void,
): void {
  describe(`the manager on ${name}`, () => {
    const server = {} as Server;
    before(async function () {
      this.timeout(240_000);
      server.mlflow = await endpoint();
      server.manager = createExperimentManager({
        trackingUri: server.mlflow.url,
        experimentName: `manager-${randomUUID()}`,
        mockMode: false,
      });
    });
    after(() => server.manager.close());
    tests(server);
  });
}

/** All values of a metric by their steps. */
async function history({ manager }: Server, runId: string, key: string): Promise<Metric[]> {
  const metrics = await collect(manager.runs.metricHistory(runId, key));
  return metrics.toSorted((one, other) => (one.step < other.step ? -1 : 1));
}

describeOn('MLflow', sharedMlflow, (server) => {
  it('stores thousands of metrics, logged one by one, in the order of their steps', async () => {
    const started = await server.manager.startRun();
    for (let step = 0; step < 2500; step++) {
      await started.logMetric('loss', 1 / (step + 1), { step });
    }
    await started.end();
    const stored = await history(server, started.runId, 'loss');
    assert.deepEqual(
      stored.map(({ step, value }) => [step, value]),
      Array.from({ length: 2500 }, (_, step) => [step, 1 / (step + 1)]),
    );
    const { metrics, info } = await server.manager.runs.get(started.runId);
    assert.equal(metrics['loss']?.step, 2499);
    assert.equal(info.status, 'FINISHED');
  });

  it('logs a batch that is too large for one request', async () => {
    const started = await server.manager.startRun();
    const numbers = Array.from({ length: 250 }, (_, number) => number);
    await started.logBatch({
      params: Object.fromEntries(numbers.map((number) => [`p${number}`, 'x'.repeat(5000)])),
      tags: Object.fromEntries(numbers.map((number) => [`t${number}`, String(number)])),
      metrics: Array.from({ length: 1200 }, (_, step) => ({ key: 'm', value: step, step, timestamp: 1 })),
    });
    const { params, tags } = await server.manager.runs.get(started.runId);
    assert.equal(Object.keys(params).length, 250);
    assert.equal(Object.keys(tags).filter((key) => /^t\d+$/.test(key)).length, 250);
    assert.equal((await history(server, started.runId, 'm')).length, 1200);
    await started.end();
  });

  it('writes many runs at the same time, of an experiment that all of them make', async () => {
    const experimentName = `together-${randomUUID()}`;
    const runIds = await Promise.all(
      Array.from({ length: 8 }, (_, at) =>
        server.manager.withRun({ experimentName, runName: `run ${at}` }, async (run) => {
          await Promise.all(
            Array.from({ length: 100 }, (_, step) => run.logMetric('m', at * 1000 + step, { step })),
          );
          await run.logParam('at', at);
          return run.runId;
        }),
      ),
    );
    const found = await collect(
      server.manager.runs.search({ experimentNames: [experimentName], pageSize: 3 }),
    );
    assert.deepEqual(found.map(({ info }) => info.runId).toSorted(), runIds.toSorted());
    for (const [at, runId] of runIds.entries()) {
      const values = (await history(server, runId, 'm')).map(({ value }) => value);
      assert.deepEqual(
        values,
        Array.from({ length: 100 }, (_, step) => at * 1000 + step),
      );
    }
  });

  describe('when a program ends without flush, end or close', () => {
    const program = join(import.meta.dirname, 'fixtures', 'ends-without-flush.ts');
    /** Runs it to its end; returns what of its four metrics was stored, and what it logged as errors. */
    async function endsBy(end: string) {
      const { runId, stderr } = await runTo(server.mlflow.url, end);
      return { stored: (await history(server, runId, 'm')).map(({ step }) => step), stderr, runId };
    }
    async function runTo(url: string, end: string): Promise<{ runId: string; stderr: string }> {
      const args = ['--conditions=source', program, url, `ends-${randomUUID()}`, end];
      const ended = await run(process.execPath, args, { timeout: 20_000 }).catch((failed) => failed);
      return { runId: ended.stdout.trim(), stderr: ended.stderr };
    }
    const lost = (runId: string) =>
      `The process ends with metrics that were not sent: await flush(), end() or close() before {"runId":"${runId}","count":1}`;

    it('sends what waits when it has nothing else to do', async () => {
      const { stored, stderr } = await endsBy('by itself');
      assert.deepEqual([stored, stderr], [[0, 1, 2, 3], '']);
    });

    for (const end of ['process.exit', 'an error'])
      it(`has what was flushed, and says what is lost, by ${end}`, async () => {
        const { stored, stderr, runId } = await endsBy(end);
        assert.deepEqual(stored, [0, 1, 2]);
        assert.ok(stderr.split('\n').includes(lost(runId)), stderr);
      });

    it('ends, and says what is lost, when the server takes no more', async () => {
      const newRun = randomRuns(() => randomBytes(16));
      const memory = memoryBehind(createMemoryClient(createMemory({ now: Date.now, newRun })));
      let batches = 0;
      const broken = await startFaultServer((request) => {
        if (request.path.endsWith('log-batch')) batches += 1;
        return batches > 1 ? { status: 503, body: '{"message": "full"}' } : memory(request);
      });
      try {
        const { stderr, runId } = await runTo(broken.url, 'by itself');
        assert.equal(stderr, `${lost(runId)}\n`);
        assert.equal(batches, 2);
      } finally {
        await broken.close();
      }
    });
  });
});

const SERVERS = { 'MLflow 3.17': sharedMlflow, 'MLflow 2.22': sharedMlflow2 };
for (const [name, endpoint] of Object.entries(SERVERS)) {
  describeOn(name, endpoint, (server) => {
    it('keeps 64-bit steps and times, and numbers that JSON has none for', async () => {
      const started = await server.manager.startRun();
      const metrics: Metric[] = [
        { key: 'a', value: Number.NaN, step: 2n ** 62n + 1n, timestamp: 2n ** 60n + 1n },
        { key: 'b', value: Number.POSITIVE_INFINITY, step: -(2n ** 63n), timestamp: 1 },
        { key: 'c', value: Number.NEGATIVE_INFINITY, step: -5, timestamp: Number.MAX_SAFE_INTEGER },
        { key: 'd', value: -1.5e-300, step: 2n ** 63n - 1n, timestamp: 0 },
        { key: 'e', value: 1e21, step: 0, timestamp: 1 },
      ];
      await started.logBatch({ metrics });
      const stored = await server.manager.runs.get(started.runId);
      await started.end();
      // MLflow's databases have no infinities.
      const asStored = [Number.NaN, Number.MAX_VALUE, -Number.MAX_VALUE, -1.5e-300, 1e21];
      assert.deepEqual(
        Object.values(stored.metrics).toSorted((one, other) => (one.key < other.key ? -1 : 1)),
        metrics.map((metric, at) => ({ ...metric, value: asStored[at] })),
      );
    });

    it('stores what is around a metric that the server refuses, ends the run, and says which one', async () => {
      const started = await server.manager.startRun();
      for (let step = 0; step < 50; step++) {
        await started.logMetric(step === 20 ? 'what?' : 'loss', step, { step });
      }
      await assert.rejects(started.end(), (error: unknown) => {
        assert.ok(error instanceof BufferError);
        assert.deepEqual(
          error.lost.map(({ key, step }) => [key, step]),
          [['what?', '20']],
        );
        return true;
      });
      assert.equal((await history(server, started.runId, 'loss')).length, 49);
      assert.equal((await server.manager.runs.get(started.runId)).info.status, 'FINISHED');
    });

    it('goes on with a run that has ended, or failed', async () => {
      const failure = new Error('of the work');
      let runId = '';
      const work = server.manager.withRun({}, async (run) => {
        ({ runId } = run);
        await run.logMetric('m', 1, { step: 1 });
        throw failure;
      });
      await assert.rejects(work, failure);
      const failed = await server.manager.runs.get(runId);
      assert.equal(failed.info.status, 'FAILED');
      assert.ok(failed.info.endTime !== null);

      const resumed = await server.manager.runs.resume(runId);
      const running = await server.manager.runs.get(runId);
      assert.equal(running.info.status, 'RUNNING');
      assert.equal(running.info.endTime, null);
      await resumed.logMetric('m', 2, { step: 2 });
      await resumed.end();
      await assert.rejects(resumed.logMetric('m', 3), InvalidRequestError);
      assert.deepEqual(
        (await history(server, runId, 'm')).map(({ value }) => value),
        [1, 2],
      );
      assert.equal((await server.manager.runs.get(runId)).info.status, 'FINISHED');
    });

    it("registers what MLflow's own client registers", async function () {
      this.timeout(90_000);
      const started = await server.manager.startRun();
      await started.artifacts.upload('a folder/model/MLmodel', 'flavors: {}\n');
      await started.artifacts.upload('weights/model.onnx', 'ONNX');
      const names = { ours: `ours-${randomUUID()}`, theirs: `theirs-${randomUUID()}` };
      const script = join(import.meta.dirname, 'fixtures', 'register_model.py');
      const registered = await run(server.mlflow.python, [script, started.runId, names.theirs], {
        env: { ...process.env, MLFLOW_TRACKING_URI: server.mlflow.url },
      });
      const paths = JSON.parse(registered.stdout) as string[];
      assert.equal(paths.length, name === 'MLflow 3.17' ? 2 : 1, 'what MLflow 2.22 logs is an artifact');
      for (const [at, path] of paths.entries()) {
        const version = String(at + 1);
        const theirs = await server.manager.models.getVersion(names.theirs, version);
        const ours = await started.registerModel(names.ours, path, { description: 'mine' });
        assert.deepEqual(
          [ours.name, ours.version, ours.source, ours.runId, ours.status, ours.description],
          [names.ours, version, theirs.source, started.runId, 'READY', 'mine'],
        );
        assert.equal(
          await server.manager.models.downloadUri(names.ours, version),
          await server.manager.models.downloadUri(names.theirs, version),
        );
      }
      const file = await started.registerModel(names.ours, '/weights/model.onnx/');
      assert.match(file.source, /\/artifacts\/weights\/model\.onnx$/);
      await assert.rejects(started.registerModel(names.ours, 'nothing here'), NotFoundError);
      await started.end();
    });
  });
}
