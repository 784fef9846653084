import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  bucketValueMs,
  type LatencySketch,
  latencyBucket,
  quantileMs,
  RELATIVE_ERROR,
} from './latency-sketch.ts';

function sketchOf(values: readonly number[]): LatencySketch {
  const counts = new Map<number, bigint>();
  for (const bucket of values.map(latencyBucket)) counts.set(bucket, (counts.get(bucket) ?? 0n) + 1n);
  const buckets = [...counts.keys()].toSorted((a, b) => a - b);
  return { buckets, counts: buckets.map((bucket) => counts.get(bucket) ?? 0n) };
}

const anyMs = fc.double({ min: 0.001, max: 1e9, noNaN: true, maxExcluded: true });

describe('the latency sketch', () => {
  it('tells quantiles within its relative error', () => {
    fc.assert(
      fc.property(
        fc.array(anyMs, { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 1, max: 100 }),
        (values, percent) => {
          const sorted = values.toSorted((a, b) => a - b);
          const exact = sorted[Math.ceil((percent * values.length) / 100) - 1] as number;
          const told = quantileMs(sketchOf(values), percent) as number;
          assert.ok(Math.abs(told - exact) <= exact * RELATIVE_ERROR * (1 + 1e-9), `${told} for ${exact}`);
        },
      ),
    );
  });

  it('has nothing to tell without values, and 0 for what is below a microsecond', () => {
    assert.equal(quantileMs(sketchOf([]), 50), null);
    assert.equal(quantileMs(sketchOf([0, 0.0009, 5]), 50), 0);
  });

  it('keeps what is beyond its range in its last bucket', () => {
    const last = latencyBucket(1e300);
    assert.equal(latencyBucket(1e9), last);
    assert.ok(bucketValueMs(last) > 0.98e9);
  });

  it('has buckets that meet: the value of each lies in it', () => {
    for (let bucket = 1; bucket <= latencyBucket(1e300); bucket++)
      assert.equal(latencyBucket(bucketValueMs(bucket)), bucket);
  });
});
