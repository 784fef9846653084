import assert from 'node:assert/strict';
import { setImmediate as settled } from 'node:timers/promises';
import { KEY_ID, someKey } from '../../test/support/keys.ts';
import { AWAY, DB_MS, KEY, LookupBench, PROOF } from '../../test/support/lookup-bench.ts';
import type { KeyState } from '../domain/key-state.ts';

describe('CachedKeyLookup', () => {
  it('asks once and answers from this process as long as the state is trusted', async () => {
    const bench = new LookupBench();
    bench.tick(100n);
    const first = await bench.lookup.find(KEY, 'r');
    assert.deepEqual(first?.proof, PROOF);
    assert.equal(await bench.versionFound(), 7n);
    assert.deepEqual(bench.asked, ['validate']);
    assert.equal(bench.counts.l1Hits, 1);
    assert.ok(!JSON.stringify([...bench.shared.values()], (_, v) => String(v)).includes(KEY));
  });

  it('asks anew for the state alone once a change was heard of', async () => {
    const bench = new LookupBench();
    bench.tick(100n);
    await bench.versionFound();
    bench.newest = bench.read(8n, 101n);
    bench.tick(101n, [{ keyId: KEY_ID, version: 8n }]);
    assert.equal(await bench.versionFound(), 8n);
    assert.equal(await bench.versionFound(), 8n);
    assert.deepEqual(bench.asked, ['validate', 'state']);
  });

  it('asks for each request while nothing is followed, and believes the answers', async () => {
    const bench = new LookupBench();
    assert.equal(await bench.versionFound(), 7n);
    bench.newest = bench.read(8n, 101n);
    assert.equal(await bench.versionFound(), 8n);
    assert.deepEqual(bench.asked, ['validate', 'state']);
  });

  it('asks again where the answer is older than a change heard of meanwhile', async () => {
    const bench = new LookupBench();
    bench.tick(100n);
    const { promise, resolve } = Promise.withResolvers<KeyState>();
    bench.answer = () => promise;
    const found = bench.versionFound();
    await settled();
    bench.newest = bench.read(8n, 101n);
    bench.tick(101n, [{ keyId: KEY_ID, version: 8n }]);
    bench.answer = () => bench.newest;
    resolve(bench.read(7n, 100n));
    assert.equal(await found, 8n);
    assert.deepEqual(bench.asked, ['validate', 'state']);
    assert.equal(bench.shared.get(KEY)?.state.version, 8n, 'the overtaken state was not shared');
  });

  it('asks again where what was heard of meanwhile has been forgotten', async () => {
    const bench = new LookupBench();
    const { promise, resolve } = Promise.withResolvers<KeyState>();
    bench.answer = () => promise;
    const found = bench.versionFound();
    await settled();
    bench.trust.applyReset(1);
    bench.answer = () => bench.read(8n, 101n);
    resolve(bench.read(7n, 100n));
    assert.equal(await found, 8n);
  });

  it('lets a request join a question, and use its answer only if it is trusted', async () => {
    const bench = new LookupBench();
    const { promise, resolve } = Promise.withResolvers<KeyState>();
    bench.answer = () => promise;
    const first = bench.versionFound();
    await settled();
    // Committed after the first question was read, before the second request came.
    bench.answer = () => bench.read(8n, 101n);
    const joined = bench.versionFound();
    const alsoJoined = bench.versionFound();
    await settled();
    resolve(bench.read(7n, 100n));
    assert.deepEqual(await Promise.all([first, joined, alsoJoined]), [7n, 8n, 8n]);
    assert.deepEqual(bench.asked, ['validate', 'state'], 'those who joined share the second question');
  });

  it('lets a thousand requests for a cold key share one question where its answer is trusted', async () => {
    const bench = new LookupBench();
    bench.tick(100n);
    const found = await Promise.all(Array.from({ length: 1000 }, () => bench.versionFound()));
    assert.deepEqual(new Set(found), new Set([7n]));
    assert.deepEqual(bench.asked, ['validate']);
  });

  it('does not believe an answer that was asked for more than 5 s ago', async () => {
    const bench = new LookupBench();
    const { promise, resolve } = Promise.withResolvers<KeyState>();
    bench.answer = () => promise;
    const found = bench.versionFound();
    await settled();
    bench.clock.suspend(5001);
    bench.answer = () => bench.read(8n, 101n);
    resolve(bench.read(7n, 100n));
    assert.equal(await found, 8n);
  });

  it('gives up where the answers never catch up with the changes', async () => {
    const bench = new LookupBench();
    bench.tick(100n, [{ keyId: KEY_ID, version: 9n }]);
    await assert.rejects(async () => bench.lookup.find(KEY, 'r'), {
      code: 'unavailable',
      reason: 'key_state_unsettled',
    });
    assert.equal(bench.asked.length, 5);
  });

  it('judges expiry by the database: its tick, or its read where nothing is followed', async () => {
    const bench = new LookupBench();
    assert.equal((await bench.lookup.find(KEY, 'r'))?.nowMs, DB_MS);
    bench.tick(100n);
    bench.clock.advance(1500);
    assert.equal((await bench.lookup.find(KEY, 'r'))?.nowMs, DB_MS + 1500);
  });
});

describe('CachedKeyLookup on replaced secrets', () => {
  /** A key that was used, and then rotated. */
  async function rotated(): Promise<LookupBench> {
    const bench = new LookupBench();
    bench.tick(100n);
    await bench.versionFound();
    const acceptedSecrets = [{ keyPrefix: 'hk_live_newer0000000', validUntilMs: null }];
    bench.newest = { ...bench.read(8n, 101n), acceptedSecrets };
    bench.proof = { ...PROOF, retiredAtMs: DB_MS };
    bench.tick(101n, [{ keyId: KEY_ID, version: 8n }]);
    return bench;
  }

  it('asks once when a secret was replaced that it proved before', async () => {
    const bench = await rotated();
    for (let request = 0; request < 3; request++) {
      assert.deepEqual((await bench.lookup.find(KEY, 'r'))?.proof, bench.proof);
    }
    assert.deepEqual(bench.asked, ['validate', 'state', 'validate']);
    assert.deepEqual(bench.shared.get(KEY)?.proof, bench.proof);
  });

  it('asks once for all requests that come at the same time', async () => {
    const bench = await rotated();
    const found = await Promise.all([1, 2, 3].map(() => bench.lookup.find(KEY, 'r')));
    for (const each of found) assert.deepEqual(each?.proof, bench.proof);
    assert.deepEqual(bench.asked, ['validate', 'state', 'validate']);
  });

  it('answers without it where that is not to be learnt', async () => {
    const bench = await rotated();
    bench.answer = () => {
      const isDate = bench.asked.length > 2;
      return isDate ? AWAY : bench.newest;
    };
    assert.deepEqual((await bench.lookup.find(KEY, 'r'))?.proof, PROOF);
    assert.deepEqual((await bench.lookup.find(KEY, 'r'))?.proof, PROOF);
    assert.deepEqual(bench.asked, ['validate', 'state', 'validate'], 'the outage is known by then');
  });
});

describe('CachedKeyLookup on unknown keys', () => {
  it('remembers for 10 s that a key is unknown', async () => {
    const bench = new LookupBench();
    bench.answer = () => undefined;
    assert.equal(await bench.lookup.find(KEY, 'r'), undefined);
    bench.clock.advance(9000);
    assert.equal(await bench.lookup.find(KEY, 'r'), undefined);
    assert.equal(bench.counts.negativeHits, 1);
    bench.clock.advance(1001);
    bench.answer = () => bench.newest;
    assert.equal(await bench.versionFound(), 7n);
  });

  it('takes a key for unknown whose proof it holds, when the key is gone', async () => {
    const bench = new LookupBench();
    assert.equal(await bench.versionFound(), 7n);
    bench.answer = () => undefined;
    assert.equal(await bench.lookup.find(KEY, 'r'), undefined);
    assert.equal(await bench.lookup.find(KEY, 'r'), undefined);
    assert.deepEqual(bench.asked, ['validate', 'state']);
  });
});

describe('CachedKeyLookup with more requests than may wait for a proof', () => {
  it('turns them away, but for keys that are known, until others have their answers', async () => {
    const bench = new LookupBench();
    bench.tick(100n);
    const [known, shared] = [someKey(), someKey()];
    assert.equal(await bench.versionFound(known), 7n);
    const { promise, resolve } = Promise.withResolvers<KeyState>();
    bench.answer = () => promise;
    const waiting = Array.from({ length: 8192 }, () => bench.versionFound());
    await assert.rejects(() => bench.versionFound(), { code: 'unavailable', reason: 'unknown_keys_shed' });
    await assert.rejects(() => bench.versionFound(someKey()), { reason: 'unknown_keys_shed' });
    bench.shared.set(shared, { proof: PROOF, state: bench.read(7n, 100n) });
    assert.deepEqual([await bench.versionFound(known), await bench.versionFound(shared)], [7n, 7n]);
    assert.deepEqual(bench.asked, ['validate', 'validate']);
    resolve(bench.newest);
    assert.deepEqual(new Set(await Promise.all(waiting)), new Set([7n]));
    assert.equal(await bench.versionFound(someKey()), 7n);
  });
});

describe('CachedKeyLookup with the shared cache', () => {
  it('needs no question where it holds a state that is trusted', async () => {
    const bench = new LookupBench();
    bench.tick(100n);
    bench.shared.set(KEY, { proof: PROOF, state: bench.read(7n, 100n) });
    assert.equal(await bench.versionFound(), 7n);
    assert.equal(await bench.versionFound(), 7n);
    assert.deepEqual(bench.asked, []);
    assert.deepEqual([bench.counts.l2Hits, bench.counts.l1Hits], [1, 1]);
  });

  it('asks for the state alone where it holds an old one', async () => {
    const bench = new LookupBench();
    bench.tick(100n);
    bench.shared.set(KEY, { proof: PROOF, state: bench.read(3n, 99n) });
    assert.equal(await bench.versionFound(), 7n);
    assert.deepEqual(bench.asked, ['state']);
    assert.equal(bench.shared.get(KEY)?.state.version, 7n);
  });
});
