/** A look-up of keys with everything around it played by hand. */
import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts';
import { CachedKeyLookup } from '../../src/cache/key-lookup.ts';
import { L1 } from '../../src/cache/l1.ts';
import type { CachedKey } from '../../src/cache/l2.ts';
import { newLookupCounts } from '../../src/cache/lookup-counts.ts';
import { Outage, watchOutage } from '../../src/cache/outage.ts';
import { SharedProofPlaces } from '../../src/cache/proof-places.ts';
import { SingleFlight } from '../../src/cache/single-flight.ts';
import type { KeyState, Proof } from '../../src/domain/key-state.ts';
import { Trust } from '../../src/domain/trust.ts';
import { KEY_ID, keyState, PREFIX, someKey } from './keys.ts';
import { ManualClock } from './manual-clock.ts';
import { silentLogger } from './silent-logger.ts';

export const KEY = someKey();
export const PROOF = { keyId: KEY_ID, keyPrefix: PREFIX };
export const DB_MS = 1_000_000;
export const AWAY = new HokusaiError('unavailable', 'The keys service did not answer (UNAVAILABLE).');

type Answer = KeyState | undefined | HokusaiError | Promise<KeyState | undefined>;

/** A lookup with the keys service, the shared cache and the follow stream played by hand. */
export class LookupBench {
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
      places: new SharedProofPlaces({}),
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
