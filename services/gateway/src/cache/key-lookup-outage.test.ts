import assert from 'node:assert/strict';
import { setImmediate as settled } from 'node:timers/promises';
import { HokusaiError } from '@hokusai/contracts';
import { KEY_ID, someKey } from '../../test/support/keys.ts';
import { AWAY, KEY, LookupBench, PROOF } from '../../test/support/lookup-bench.ts';
import type { KeyState } from '../domain/key-state.ts';

describe('CachedKeyLookup in an outage of the keys service', () => {
  /** A key that was used, then silence for so long. */
  async function outageAfterMs(silenceMs: number, graceMs?: number): Promise<LookupBench> {
    const bench = new LookupBench(graceMs);
    bench.tick(100n);
    await bench.versionFound();
    bench.answer = () => AWAY;
    bench.clock.advance(silenceMs);
    return bench;
  }

  it('serves a state that was trusted at most 60 s ago, then 503', async () => {
    const bench = await outageAfterMs(60_000);
    assert.equal(await bench.versionFound(), 7n);
    assert.equal(bench.counts.graceServed, 1);
    bench.clock.advance(1);
    await bench.assertUnavailable();
  });

  it('does not renew the grace by serving in it', async () => {
    const bench = await outageAfterMs(40_000);
    assert.equal(await bench.versionFound(), 7n);
    bench.clock.advance(20_001);
    await bench.assertUnavailable();
  });

  it('serves nothing that was never trusted: 503, not 401', async () => {
    const bench = new LookupBench();
    bench.answer = () => AWAY;
    await bench.assertUnavailable();
    bench.shared.set(KEY, { proof: PROOF, state: bench.read(7n, 100n) });
    await bench.assertUnavailable();
  });

  it('serves no state that a change or a reset has dropped', async () => {
    const changed = await outageAfterMs(0);
    changed.tick(101n, [{ keyId: KEY_ID, version: 8n }]);
    await changed.assertUnavailable();
    const reset = await outageAfterMs(0);
    reset.trust.applyReset(1);
    await reset.assertUnavailable();
  });

  it('serves nothing with the grace switched off', async () => {
    const bench = await outageAfterMs(5001, 0);
    await bench.assertUnavailable();
  });

  it('has one request wait for the failure; the others look after it now and then', async () => {
    const bench = await outageAfterMs(10_000);
    assert.equal(await bench.versionFound(), 7n);
    const { promise, resolve } = Promise.withResolvers<KeyState>();
    bench.answer = () => promise;
    assert.equal(await bench.versionFound(), 7n, 'it does not wait for the answer');
    assert.equal(await bench.versionFound(), 7n);
    assert.deepEqual(bench.asked, ['validate', 'state', 'state']);
    resolve(bench.read(8n, 101n));
    await settled();
    bench.answer = () => bench.read(8n, 101n);
    bench.clock.advance(1);
    assert.equal(await bench.versionFound(), 8n, 'the service is back');
  });

  it('has cold keys wait for one question at a time once the service is known to be away', async () => {
    const bench = new LookupBench();
    bench.answer = () => AWAY;
    await bench.assertUnavailable();
    const { promise, resolve } = Promise.withResolvers<KeyState>();
    bench.answer = () => promise;
    const probe = bench.versionFound();
    await settled();
    const others = Array.from({ length: 50 }, () => bench.versionFound(someKey()));
    const refused = await Promise.allSettled(others);
    assert.ok(refused.every(({ status }) => status === 'rejected'));
    assert.deepEqual(bench.asked, ['validate', 'validate'], 'the others were not asked for');
    resolve(bench.newest);
    assert.equal(await probe, 7n);
    bench.answer = () => bench.newest;
    assert.equal(await bench.versionFound(someKey()), 7n, 'the service is back');
  });

  it('looks again each second whether the service is back, should the look before hang', async () => {
    const bench = new LookupBench();
    bench.answer = () => AWAY;
    await bench.assertUnavailable();
    const { promise, resolve } = Promise.withResolvers<KeyState>();
    bench.answer = () => promise;
    const probe = bench.versionFound();
    await settled();
    bench.answer = () => bench.newest;
    bench.clock.advance(999);
    await assert.rejects(bench.versionFound(someKey()), { reason: 'keys_unavailable' });
    bench.clock.advance(1);
    assert.equal(await bench.versionFound(someKey()), 7n);
    resolve(bench.newest);
    assert.equal(await probe, 7n);
  });

  it('calls every failure of the keys service an outage, also an answer that makes no sense', async () => {
    const codes = ['internal', 'deadline_exceeded', 'rate_limited', 'invalid_request'] as const;
    for (const code of codes) {
      const bench = new LookupBench();
      bench.answer = () => new HokusaiError(code, 'why');
      await bench.assertUnavailable();
    }
  });
});
