import assert from 'node:assert/strict';
import type { ExperimentManager } from '../model/manager.ts';
import { createMockExperimentManager } from './mock-manager.ts';

/** A program that tracks something of each kind; returns all that it can see of it. */
async function program(manager: ExperimentManager): Promise<unknown> {
  const run = await manager.startRun({ experimentName: 'trials' });
  await run.logParam('rate', 0.1);
  await run.logMetrics({ loss: 0.5, accuracy: 0.7 }, { step: 3 });
  const child = await run.startRun();
  await child.end();
  await run.artifacts.upload('model/MLmodel', 'flavors: {}');
  const version = await run.registerModel('net', 'model');
  await run.end();
  return [
    await manager.experiments.get(run.experimentId),
    await manager.runs.get(run.runId),
    await manager.runs.get(child.runId),
    version,
  ];
}

describe('createMockExperimentManager', () => {
  it('makes the same program give the same, by ids and times that count up', async () => {
    const once = () => {
      let time = 1_700_000_000_000;
      return program(
        createMockExperimentManager({
          deterministicIds: true,
          now: () => {
            time += 1000;
            return time;
          },
        }),
      );
    };
    assert.deepEqual(await once(), await once());
  });

  it('has no models beside runs: versions made from them can not be downloaded', async () => {
    const { models } = createMockExperimentManager();
    await models.create('net');
    await models.createVersion('net', { source: 'models:/m-0123' });
    await assert.rejects(models.download('net', '1', '/nowhere'), { code: 'NOT_FOUND' });
  });

  it('counts runs from 1, and names them so', async () => {
    const manager = createMockExperimentManager({ deterministicIds: true });
    const runs = [await manager.startRun(), await manager.startRun()];
    assert.deepEqual(
      runs.map(({ runId, runName, experimentId }) => [runId, runName, experimentId]),
      [
        [`${'0'.repeat(31)}1`, 'run-1', '0'],
        [`${'0'.repeat(31)}2`, 'run-2', '0'],
      ],
    );
  });

  it('gives ids as a server does, unless it is told to count', async () => {
    const manager = createMockExperimentManager();
    const [one, other] = [await manager.startRun(), await manager.startRun()];
    assert.match(one.runId, /^[0-9a-f]{32}$/);
    assert.match(one.runName, /^[a-z]+-[a-z]+-\d+$/);
    assert.notEqual(one.runId, other.runId);
  });

  it('takes its time from the clock that it is given, in whole milliseconds', async () => {
    const manager = createMockExperimentManager({ now: () => 1234.9 });
    const run = await manager.startRun();
    await run.logMetric('loss', 1);
    await run.end();
    const { info, metrics } = await manager.runs.get(run.runId);
    assert.deepEqual([info.startTime, info.endTime, metrics['loss']?.timestamp], [1234, 1234, 1234]);
  });

  it('shares nothing with other mocks, and says that it is one', async () => {
    const [one, other] = [createMockExperimentManager(), createMockExperimentManager()];
    await one.experiments.create('trials');
    assert.equal(await other.experiments.findByName('trials'), undefined);
    assert.equal(one.isMock, true);
  });

  it('keeps what it has when it is closed, so that a test can look at it', async () => {
    const manager = createMockExperimentManager({ experimentName: 'trials' });
    const run = await manager.startRun();
    await run.logMetric('loss', 1);
    await manager.close();
    assert.equal((await manager.runs.get(run.runId)).metrics['loss']?.value, 1);
  });

  it('gives copies: nobody changes what it has by changing what it gave', async () => {
    const manager = createMockExperimentManager();
    const run = await manager.startRun();
    await run.artifacts.upload('a', 'first');
    await run.logParam('rate', 1);
    const record = await manager.runs.get(run.runId);
    (record.params as Record<string, string>)['rate'] = 'changed';
    for await (const chunk of await run.artifacts.open('a')) (chunk as Uint8Array).fill(0);
    assert.equal((await manager.runs.get(run.runId)).params['rate'], '1');
    const again = await (await run.artifacts.open('a')).toArray();
    assert.equal(Buffer.concat(again).toString(), 'first');
  });
});
