/**
 * What the gateways share in Redis: proof and state of keys, sealed.
 *
 * Whoever can read Redis learns neither keys nor what they may do; whoever can write it can make no entry
 * that is believed, nor pass one key's entry off as another's. What can't be read is a miss, and so is
 * any failure of Redis.
 */
import { answerWithin, type RedisClient, type RingSecret } from '@hokusai/service-kit';
import type { KeyState, Proof } from '../domain/key-state.ts';
import { decodeEntry, encodeEntry } from './entry-codec.ts';
import { Sealer } from './sealer.ts';

export interface CachedKey {
  proof: Proof;
  state: KeyState;
}

export interface SharedCache {
  /** undefined for a miss, which includes every failure. Never rejects. */
  get(key: string): Promise<CachedKey | undefined>;
  /** Never throws; the result is not waited for. */
  put(key: string, entry: CachedKey): void;
}

export interface SharedCacheOptions {
  /** None of its commands waits for a connection. */
  redis: RedisClient;
  /** What has not come by then is a miss. */
  timeoutMs: number;
  /** Newest first: the first seals, all are tried in reading. */
  ring: readonly RingSecret[];
  ttlMs: number;
  onFailure: (error: unknown) => void;
}

export function createSharedCache(options: SharedCacheOptions): SharedCache {
  const { redis, timeoutMs, ring, ttlMs, onFailure } = options;
  const sealers = ring.map(({ secret }) => new Sealer(secret));
  const failed = (error: unknown) => {
    onFailure(error);
    return undefined;
  };
  const read = async (sealer: Sealer, key: string): Promise<CachedKey | undefined> => {
    const name = sealer.nameOf(key);
    const sealed = await answerWithin(redis.getBuffer(name), timeoutMs);
    const text = sealed ? sealer.open(name, sealed) : undefined;
    return text === undefined ? undefined : decodeEntry(text);
  };
  return {
    get: async (key) => {
      // At the same time: during a change of secrets an entry may be under either name.
      const entries = await Promise.all(sealers.map((sealer) => read(sealer, key).catch(failed)));
      return entries.find((entry) => entry !== undefined);
    },
    put: (key, entry) => {
      const [sealer] = sealers;
      if (sealer === undefined) return;
      const name = sealer.nameOf(key);
      redis.set(name, sealer.seal(name, encodeEntry(entry)), 'PX', ttlMs).catch(failed);
    },
  };
}
