import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigurationError, createExperimentManager } from '../src/index.ts';
import { type FaultServer, startFaultServer } from './support/fault-server.ts';

const run = promisify(execFile);
const TOKEN = `hk_live_${'Qq7'.repeat(17).slice(0, 50)}`;

interface Line {
  message: string;
  details: unknown;
}

function loggerInto(lines: Line[]) {
  const note = (message: string, details?: unknown) => {
    lines.push({ message, details });
  };
  return { debug: note, info: note, warn: note, error: note };
}

describe('createExperimentManager', () => {
  it('is in memory when HOKUSAI_MOCK_MODE is true, and says so', async () => {
    const before = process.env['HOKUSAI_MOCK_MODE'];
    const lines: Line[] = [];
    try {
      process.env['HOKUSAI_MOCK_MODE'] = 'true';
      await using manager = createExperimentManager({
        logger: loggerInto(lines),
        experimentName: 'mine',
        mock: { now: () => 1234, deterministicIds: true },
      });
      assert.equal(manager.isMock, true);
      const { runId, experimentId } = await manager.startRun();
      assert.equal((await manager.experiments.get(experimentId)).name, 'mine');
      const { info, tags } = await manager.runs.get(runId);
      assert.deepEqual([info.startTime, info.runName], [1234, 'run-1']);
      assert.equal(tags['mlflow.source.type'], 'LOCAL');
      await using server = createExperimentManager({ mockMode: false });
      assert.equal(server.isMock, false);
    } finally {
      if (before === undefined) delete process.env['HOKUSAI_MOCK_MODE'];
      else process.env['HOKUSAI_MOCK_MODE'] = before;
    }
    assert.match(lines[0]?.message ?? '', /mock mode/);
  });

  it('throws one error for all that is wrong', () => {
    assert.throws(
      () => createExperimentManager({ trackingUri: 'file:///mlruns', maxRetries: -1, mockMode: false }),
      (error) => error instanceof ConfigurationError && error.problems.length === 2,
    );
  });

  it('warns of credentials that can be read on the way, and shows them to nobody', () => {
    const warned = (trackingUri: string) => {
      const lines: Line[] = [];
      createExperimentManager({ trackingUri, token: TOKEN, logger: loggerInto(lines), mockMode: false });
      assert(!JSON.stringify(lines).includes(TOKEN.slice(20)));
      return lines.some(({ message }) => message.startsWith('The credentials can be read'));
    };
    const uris = [
      'http://mlflow.example/',
      'https://mlflow.example/',
      'http://127.0.0.1:5000',
      'http://[::1]:5000',
    ];
    assert.deepEqual(uris.map(warned), [true, false, false, false]);
  });
});

describe('a program that has made its calls', () => {
  let server: FaultServer;
  before(async () => {
    server = await startFaultServer(() => ({
      status: 200,
      body: '{"experiment": {"experiment_id": "0", "name": "Default", "lifecycle_stage": "active", "artifact_location": "mlflow-artifacts:/0"}}',
    }));
  });
  after(() => server.close());

  it('ends by itself, with its connections still open', async () => {
    const program = `
      const { createExperimentManager } = await import(${JSON.stringify(join(import.meta.dirname, '../src/index.ts'))});
      const manager = createExperimentManager({ trackingUri: ${JSON.stringify(server.url)}, mockMode: false });
      console.log((await manager.experiments.get('0')).name);
      process.on('exit', () => console.log(performance.now() - ended));
      const ended = performance.now();`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program]);
    const [name, ms] = stdout.trim().split('\n');
    assert.equal(name, 'Default');
    assert(Number(ms) < 1000, `it ended after ${ms} ms`);
  });
});
