/** Logs metrics with the SDK, as a program logs them: one by one. Prints what that took. */
import { createExperimentManager } from '@hokusai/ml-platform';

const [metrics = 0, keys = 0] = process.argv.slice(2).map(Number);
await using manager = createExperimentManager();
await manager.withRun({ runName: 'bench' }, async (run) => {
  await run.logMetric('first', 0);
  await run.flush();

  const [start, before] = [performance.now(), process.cpuUsage()];
  for (let index = 0; index < metrics; index++)
    await run.logMetric(`metric-${index % keys}`, index / 7, { step: Math.floor(index / keys) });
  await run.flush();
  const { user, system } = process.cpuUsage(before);
  const seconds = (performance.now() - start) / 1000;
  console.log(JSON.stringify({ runId: run.runId, seconds, cpuSeconds: (user + system) / 1e6 }));
});
