/** How long a revoked key works on: two gateways, two replicas of the keys service. */
import { setTimeout as delay } from 'node:timers/promises';
import { atMost, type Row, type Target } from '../lib/report.ts';
import { quantilesOf } from '../lib/statistics.ts';
import { type IssuedKey, type KeysCluster, startKeysCluster } from './keys-cluster.ts';

const GATEWAYS = [0, 1];
const P99_LIMIT_MS = 250;
/** Between two looks at a gateway: what is measured is too long by as much. */
const LOOK_EVERY_MS = 2;

interface Sample {
  /** From when the revocation was sent until the last gateway had refused the key. */
  refusedMs: number;
  /** From when it was sent until its receipt was there. */
  receiptMs: number;
  /** Of the receipt: commit to the recording of the last gateway's answer. */
  lagMs: number;
}

export async function measureRevocation(extent: {
  keys: number;
}): Promise<{ rows: Row[]; targets: Target[] }> {
  await using cluster = await startKeysCluster({ replicas: 2, gateways: GATEWAYS.length });
  const samples: Sample[] = [];
  for (const [round, key] of (await cluster.createKeys(extent.keys)).entries())
    samples.push(await revokeOne(cluster, key, round % GATEWAYS.length));
  const of = (name: keyof Sample) => quantilesOf(samples.map((sample) => sample[name]));
  const rows = Object.entries({
    'revocation sent to last gateway refusing': of('refusedMs'),
    'revocation sent to its receipt': of('receiptMs'),
    'lag of the last gateway, by the receipt': of('lagMs'),
  }).flatMap(([name, quantiles]) =>
    Object.entries(quantiles).map(([quantile, value]) => ({
      name: `${name}, ${quantile}`,
      value,
      unit: 'ms',
    })),
  );
  const { p99 } = of('refusedMs');
  return { rows, targets: [atMost('revocation to last gateway, p99 in ms', P99_LIMIT_MS, p99)] };
}

async function revokeOne(cluster: KeysCluster, key: IssuedKey, through: number): Promise<Sample> {
  for (const gateway of GATEWAYS) {
    const status = await cluster.use(gateway, key);
    if (status !== 200) throw new Error(`a working key was answered with ${status}`);
  }
  const start = performance.now();
  const sinceStartMs = () => performance.now() - start;
  const refusals = GATEWAYS.map((gateway) => untilRefused(cluster, gateway, key).then(sinceStartMs));
  const { receipt } = await cluster.revoke(through, key);
  const receiptMs = sinceStartMs();
  const lags = receipt.gateways.map(({ lag_ms }) => lag_ms ?? Number.POSITIVE_INFINITY);
  return { refusedMs: Math.max(...(await Promise.all(refusals))), receiptMs, lagMs: Math.max(...lags) };
}

async function untilRefused(cluster: KeysCluster, gateway: number, key: IssuedKey): Promise<void> {
  for (;;) {
    const status = await cluster.use(gateway, key);
    if (status === 403) return;
    if (status !== 200) throw new Error(`a key that is revoked was answered with ${status}`);
    await delay(LOOK_EVERY_MS);
  }
}
