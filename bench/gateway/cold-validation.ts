/** The first request with a key that no gateway knows: proved by the keys service, by its digest. */
import { setTimeout as delay } from 'node:timers/promises';
import { atMost, type Row, type Target } from '../lib/report.ts';
import { quantilesOf } from '../lib/statistics.ts';
import { type IssuedKey, type KeysCluster, startKeysCluster } from './keys-cluster.ts';

const RATE = 10;
const P99_LIMIT_MS = 50;
const WARM_UPS = 30;

/**
 * New keys at a constant rate through a gateway, from when each was due until its answer is there: whoever comes
 * while another one waits is not measured as if it had come later.
 */
export async function measureColdValidation(extent: {
  keys: number;
}): Promise<{ rows: Row[]; targets: Target[] }> {
  await using cluster = await startKeysCluster({ replicas: 1, gateways: 1 });
  const [warmUps, keys] = [await cluster.createKeys(WARM_UPS), await cluster.createKeys(extent.keys)];
  for (const key of warmUps) await use(cluster, key);
  const cold = quantilesOf(await atConstantRate(keys, (key) => use(cluster, key)));
  const warm = quantilesOf(await atConstantRate(keys, (key) => use(cluster, key)));
  const rows = Object.entries({ 'cold validation': cold, 'the same keys, warm': warm }).flatMap(
    ([name, quantiles]) =>
      Object.entries(quantiles).map(([quantile, value]) => ({
        name: `${name}, ${RATE} a second, ${quantile}`,
        value,
        unit: 'ms',
      })),
  );
  return { rows, targets: [atMost(`cold validation, ${RATE} a second, p99 in ms`, P99_LIMIT_MS, cold.p99)] };
}

/** Milliseconds of each, in the order in which they were due. */
async function atConstantRate(
  keys: readonly IssuedKey[],
  work: (key: IssuedKey) => Promise<void>,
): Promise<number[]> {
  const start = performance.now();
  const running = keys.map(async (key, index) => {
    const dueMs = start + (index * 1000) / RATE;
    await delay(Math.max(dueMs - performance.now(), 0));
    await work(key);
    return performance.now() - dueMs;
  });
  return await Promise.all(running);
}

async function use(cluster: KeysCluster, key: IssuedKey): Promise<void> {
  const status = await cluster.use(0, key);
  if (status !== 200) throw new Error(`a new key was answered with ${status}`);
}
