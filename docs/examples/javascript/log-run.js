/** Logs a run with a metric, and lists the keys of this key's user. */
import { createExperimentManager } from '@hokusai/ml-platform';

const manager = createExperimentManager();
await manager.withRun({ runName: 'example' }, async (run) => {
  await run.logMetric('accuracy', 0.93);
  console.log('logged', run.runId);
});
await manager.close();

const { HOKUSAI_API_URL, MLFLOW_TRACKING_TOKEN } = process.env;
const answer = await fetch(`${HOKUSAI_API_URL}/api/v1/auth/keys`, {
  headers: { Authorization: `Bearer ${MLFLOW_TRACKING_TOKEN}` },
});
if (!answer.ok) throw new Error(await answer.text());
const { data } = await answer.json();
for (const key of data) console.log('key', key.name);
