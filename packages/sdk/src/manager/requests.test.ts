import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Batch } from '../model/run.ts';
import { inRequests } from './requests.ts';

/** So many entries, of about that many characters each. */
const pairs = (prefix: string, count: number, length: number): Record<string, string> =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`${prefix}${at}`, 'ü'.repeat(length)]));

const batch: fc.Arbitrary<Batch> = fc
  .record({
    metrics: fc.nat(3000),
    params: fc.nat(350),
    tags: fc.nat(350),
    length: fc.constantFrom(0, 10, 6000),
  })
  .map(({ metrics, params, tags, length }) => ({
    metrics: Array.from({ length: metrics }, (_, step) => ({ key: 'm', value: 0, step, timestamp: 0 })),
    params: pairs('p', params, length),
    tags: pairs('t', tags, length),
  }));

describe('a batch in requests', () => {
  it("has each thing once and in order, in requests within MLflow's bounds", () => {
    fc.assert(
      fc.property(batch, (given) => {
        const requests = inRequests(given);
        assert.deepEqual(
          requests.flatMap(({ metrics }) => metrics),
          given.metrics,
        );
        assert.deepEqual(Object.assign({}, ...requests.map(({ params }) => params)), given.params);
        assert.deepEqual(Object.assign({}, ...requests.map(({ tags }) => tags)), given.tags);
        for (const request of requests) {
          const params = Object.keys(request.params).length;
          const tags = Object.keys(request.tags).length;
          assert.ok(params <= 100 && tags <= 100);
          assert.ok(params + tags + request.metrics.length <= 1000);
          assert.ok(params + tags + request.metrics.length > 0);
          assert.ok(Buffer.byteLength(JSON.stringify(request)) <= 1_000_000);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is as few requests as there can be', () => {
    const metrics = Array.from({ length: 1800 }, () => ({ key: 'm', value: 0, step: 0, timestamp: 0 }));
    assert.equal(inRequests({ metrics, params: pairs('p', 100, 5), tags: pairs('t', 100, 5) }).length, 2);
    assert.equal(inRequests({}).length, 0);
  });

  it('writes params down by String, and takes any name for a key', () => {
    const params = Object.fromEntries([
      ['__proto__', 1n],
      ['b', false],
    ]);
    const [request] = inRequests({ params });
    assert.deepEqual(Object.entries(request?.params ?? {}), [
      ['__proto__', '1'],
      ['b', 'false'],
    ]);
  });
});
