/**
 * Latency as a sketch that can be merged: DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile
 * sketch with relative-error guarantees", VLDB 2019). The database folds requests into sketches and merges them, by
 * its function `latency_bucket`; here they are read. Both compute the bounds of the buckets by the same products.
 */

/** A quantile lies within this share of the value that stands at its rank, between a microsecond and 11 days. */
export const RELATIVE_ERROR = 0.01;
const RATIO = (1 + RELATIVE_ERROR) / (1 - RELATIVE_ERROR);
const FIRST_BOUND_MS = 0.001;
const LAST_BOUND_MS = 1e9;

/** Where buckets 1, 2, … begin; each ends where the next one begins, and the last one never. */
const BOUNDS_MS: readonly number[] = boundsMs();

/** How many values each bucket holds; buckets in rising order, without empty ones. */
export interface LatencySketch {
  buckets: readonly number[];
  counts: readonly bigint[];
}

/** Bucket of a response time: 0 below a microsecond. */
export function latencyBucket(ms: number): number {
  let [low, high] = [0, BOUNDS_MS.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((BOUNDS_MS[middle] as number) <= ms) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The value that stands for all of a bucket: no value in it is further away than the relative error. */
export function bucketValueMs(bucket: number): number {
  if (bucket === 0) return 0;
  return (BOUNDS_MS[bucket - 1] ?? LAST_BOUND_MS) * (1 + RELATIVE_ERROR);
}

/**
 * The nearest-rank quantile, within the relative error: for the smallest value that at least this share of the values
 * does not exceed. null of an empty sketch.
 *
 * @param percent a whole number, 1 … 100
 */
export function quantileMs({ buckets, counts }: LatencySketch, percent: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0n);
  const rank = (total * BigInt(percent) + 99n) / 100n;
  let passed = 0n;
  for (const [index, bucket] of buckets.entries()) {
    passed += counts[index] ?? 0n;
    if (passed >= rank) return bucketValueMs(bucket);
  }
  return null;
}

function boundsMs(): number[] {
  const bounds: number[] = [];
  for (let bound = FIRST_BOUND_MS; bound < LAST_BOUND_MS; bound *= RATIO) bounds.push(bound);
  return bounds;
}
