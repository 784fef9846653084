import assert from 'node:assert/strict';
import { setImmediate as settled } from 'node:timers/promises';
import { HokusaiError } from '@hokusai/contracts';
import { KEY_ID, keyState, PREFIX, someKey } from '../../test/support/keys.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import type { KeyState, Proof } from '../domain/key-state.ts';
import { Trust } from '../domain/trust.ts';
import { CachedKeyLookup } from './key-lookup.ts';
import { L1 } from './l1.ts';
import type { CachedKey } from './l2.ts';
import { newLookupCounts } from './lookup-counts.ts';
import { Outage, watchOutage } from './outage.ts';
import { SingleFlight } from './single-flight.ts';

const KEY = someKey();
const PROOF = { keyId: KEY_ID, keyPrefix: PREFIX };
const DB_MS = 1_000_000;
const AWAY = new HokusaiError('unavailable', 'The keys service did not answer (UNAVAILABLE).');

type Answer = KeyState | undefined | HokusaiError | Promise<KeyState | undefined>;

/** A lookup with the keys service, the shared cache and the follow stream played by hand. */
class Bench {
  readonly clock = new ManualClock();
  readonly counts = newLookupCounts();
  readonly shared = new Map<string, CachedKey>();
  readonly trust = new Trust({ staleMs: 5000, stateTtlMs: 300_000, heardCapacity: 100 }, this.clock);
  readonly asked: string[] = [];
  /** What the keys service says; by default the newest state. */
  answer: () => Answer = () => this.newest;
  newest: KeyState = this.read(7n, 100n);
  proof: Proof = PROOF;
  readonly lookup: CachedKeyLookup;
  readonly #l1: L1;
  readonly #stream: number;
  #ticks = 0n;

  constructor(graceMs = 60_000) {
    const { clock, trust, counts, shared } = this;
    this.#l1 = new L1({ maxEntries: 100, negativeTtlMs: 10_000 }, clock);
    this.#stream = trust.openStream();
    const ask = async (question: string) => {
      this.asked.push(question);
      const answer = await this.answer();
      if (answer instanceof HokusaiError) throw answer;
      return answer;
    };
    const keys = {
      validate: async () => {
        const state = await ask('validate');
        return state && { proof: this.proof, state };
      },
      getState: () => ask('state'),
    };
    const l2 = {
      get: (key: string) => Promise.resolve(shared.get(key)),
      put: (key: string, entry: CachedKey) => void shared.set(key, entry),
    };
    const outage = new Outage({ graceMs, clock, logger: silentLogger });
    this.lookup = new CachedKeyLookup({
      trust,
      l1: this.#l1,
      l2,
      keys: watchOutage(keys, outage),
      outage,
      flights: new SingleFlight(clock),
      counts,
      clock,
      staleMs: 5000,
    });
  }

  read(version: bigint, cut: bigint, epoch = 'e1'): KeyState {
    return keyState({ version, read: { epoch, cut, readAtMs: DB_MS } });
  }

  /** A ping and its echo, with changes, at once. */
  tick(cut: bigint, changes: { keyId: string; version: bigint }[] = [], epoch = 'e1'): void {
    this.#ticks += 1n;
    const echo = this.trust.nextPing().number;
    const tick = { number: this.#ticks, echo, read: { epoch, cut, readAtMs: DB_MS }, changes };
    const { isReset } = this.trust.applyTick(this.#stream, tick);
    if (isReset) this.#l1.dropAll();
    for (const { keyId, version } of changes) this.#l1.drop(keyId, version);
  }

  async versionFound(key = KEY): Promise<bigint | undefined> {
    return (await this.lookup.find(key, 'request'))?.state.version;
  }

  async assertUnavailable(): Promise<void> {
    await assert.rejects(
      async () => this.lookup.find(KEY, 'request'),
      (error) =>
        error instanceof HokusaiError &&
        error.code === 'unavailable' &&
        error.reason === 'keys_unavailable' &&
        error.retryAfterSeconds === 5 &&
        !error.message.includes(KEY),
    );
  }
}

describe('CachedKeyLookup', () => {
  it('asks once and answers from this process as long as the state is trusted', async () => {
    const bench = new Bench();
    bench.tick(100n);
    const first = await bench.lookup.find(KEY, 'r');
    assert.deepEqual(first?.proof, PROOF);
    assert.equal(await bench.versionFound(), 7n);
    assert.deepEqual(bench.asked, ['validate']);
    assert.equal(bench.counts.l1Hits, 1);
    assert.ok(!JSON.stringify([...bench.shared.values()], (_, v) => String(v)).includes(KEY));
  });

  it('asks anew for the state alone once a change was heard of', async () => {
    const bench = new Bench();
    bench.tick(100n);
    await bench.versionFound();
    bench.newest = bench.read(8n, 101n);
    bench.tick(101n, [{ keyId: KEY_ID, version: 8n }]);
    assert.equal(await bench.versionFound(), 8n);
    assert.equal(await bench.versionFound(), 8n);
    assert.deepEqual(bench.asked, ['validate', 'state']);
  });

  it('asks for each request while nothing is followed, and believes the answers', async () => {
    const bench = new Bench();
    assert.equal(await bench.versionFound(), 7n);
    bench.newest = bench.read(8n, 101n);
    assert.equal(await bench.versionFound(), 8n);
    assert.deepEqual(bench.asked, ['validate', 'state']);
  });

  it('asks again where the answer is older than a change heard of meanwhile', async () => {
    const bench = new Bench();
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
    const bench = new Bench();
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
    const bench = new Bench();
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
    const bench = new Bench();
    bench.tick(100n);
    const found = await Promise.all(Array.from({ length: 1000 }, () => bench.versionFound()));
    assert.deepEqual(new Set(found), new Set([7n]));
    assert.deepEqual(bench.asked, ['validate']);
  });

  it('does not believe an answer that was asked for more than 5 s ago', async () => {
    const bench = new Bench();
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
    const bench = new Bench();
    bench.tick(100n, [{ keyId: KEY_ID, version: 9n }]);
    await assert.rejects(async () => bench.lookup.find(KEY, 'r'), {
      code: 'unavailable',
      reason: 'key_state_unsettled',
    });
    assert.equal(bench.asked.length, 5);
  });

  it('judges expiry by the database: its tick, or its read where nothing is followed', async () => {
    const bench = new Bench();
    assert.equal((await bench.lookup.find(KEY, 'r'))?.nowMs, DB_MS);
    bench.tick(100n);
    bench.clock.advance(1500);
    assert.equal((await bench.lookup.find(KEY, 'r'))?.nowMs, DB_MS + 1500);
  });
});

describe('CachedKeyLookup on replaced secrets', () => {
  /** A key that was used, and then rotated. */
  async function rotated(): Promise<Bench> {
    const bench = new Bench();
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
    const bench = new Bench();
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
    const bench = new Bench();
    assert.equal(await bench.versionFound(), 7n);
    bench.answer = () => undefined;
    assert.equal(await bench.lookup.find(KEY, 'r'), undefined);
    assert.equal(await bench.lookup.find(KEY, 'r'), undefined);
    assert.deepEqual(bench.asked, ['validate', 'state']);
  });
});

describe('CachedKeyLookup with the shared cache', () => {
  it('needs no question where it holds a state that is trusted', async () => {
    const bench = new Bench();
    bench.tick(100n);
    bench.shared.set(KEY, { proof: PROOF, state: bench.read(7n, 100n) });
    assert.equal(await bench.versionFound(), 7n);
    assert.equal(await bench.versionFound(), 7n);
    assert.deepEqual(bench.asked, []);
    assert.deepEqual([bench.counts.l2Hits, bench.counts.l1Hits], [1, 1]);
  });

  it('asks for the state alone where it holds an old one', async () => {
    const bench = new Bench();
    bench.tick(100n);
    bench.shared.set(KEY, { proof: PROOF, state: bench.read(3n, 99n) });
    assert.equal(await bench.versionFound(), 7n);
    assert.deepEqual(bench.asked, ['state']);
    assert.equal(bench.shared.get(KEY)?.state.version, 7n);
  });
});

describe('CachedKeyLookup in an outage of the keys service', () => {
  /** A key that was used, then silence for so long. */
  async function outageAfterMs(silenceMs: number, graceMs?: number): Promise<Bench> {
    const bench = new Bench(graceMs);
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
    const bench = new Bench();
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
    const bench = new Bench();
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
    const bench = new Bench();
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
      const bench = new Bench();
      bench.answer = () => new HokusaiError(code, 'why');
      await bench.assertUnavailable();
    }
  });
});
