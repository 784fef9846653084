import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import type { RedisClient } from '@hokusai/service-kit';
import fc from 'fast-check';
import { KEY_ID, keyState, PREFIX, someKey } from '../../test/support/keys.ts';
import { type CachedKey, createSharedCache } from './l2.ts';
import { Sealer } from './sealer.ts';

const RING = [{ id: 'a', secret: randomBytes(32) }];
const TTL_MS = 300_000;

/** The two commands of Redis that the cache uses. */
class FakeRedis {
  readonly entries = new Map<string, Buffer>();
  failure: Error | undefined;

  getBuffer(name: string): Promise<Buffer | null> {
    if (this.failure) return Promise.reject(this.failure);
    return Promise.resolve(this.entries.get(name) ?? null);
  }

  set(name: string, value: Buffer, unit: string, ttlMs: number): Promise<'OK'> {
    assert.deepEqual([unit, ttlMs], ['PX', TTL_MS]);
    if (this.failure) return Promise.reject(this.failure);
    this.entries.set(name, value);
    return Promise.resolve('OK');
  }
}

function cacheOn(redis: FakeRedis, ring = RING) {
  const failures: unknown[] = [];
  const onFailure = (error: unknown) => failures.push(error);
  const client = redis as unknown as RedisClient;
  return {
    failures,
    ...createSharedCache({ redis: client, ring, timeoutMs: 1000, ttlMs: TTL_MS, onFailure }),
  };
}

function entryOf(overrides: Parameters<typeof keyState>[0] = {}): CachedKey {
  return { proof: { keyId: KEY_ID, keyPrefix: PREFIX }, state: keyState(overrides) };
}

describe('The shared cache', () => {
  it('gives back what was put, every field of it', async () => {
    const cache = cacheOn(new FakeRedis());
    const entry = entryOf({
      version: 2n ** 63n,
      acceptedSecrets: [
        { keyPrefix: PREFIX, validUntilMs: null },
        { keyPrefix: 'hk_live_retired00000', validUntilMs: 5 },
      ],
      revokedAtMs: 1,
      revokedReason: 'leaked',
      expiresAtMs: 2,
      allowedIps: ['10.0.0.0/8'],
      owner: { userId: 'u', displayName: 'Zoë', role: 'admin', disabledAtMs: 4, rateLimitPerHour: 9 },
    });
    cache.put('string', entry);
    assert.deepEqual(await cache.get('string'), entry);
    const retired = { ...entry, proof: { ...entry.proof, retiredAtMs: 6 } };
    cache.put('retired', retired);
    assert.deepEqual(await cache.get('retired'), retired);
    assert.equal(await cache.get('another string'), undefined);
  });

  it('shows Redis neither the key nor what it may do', () => {
    const redis = new FakeRedis();
    const key = someKey();
    cacheOn(redis).put(key, entryOf());
    const [[name, value] = ['', Buffer.alloc(0)]] = redis.entries;
    const visible = name + value.toString('latin1');
    for (const hidden of [key, key.slice(20), KEY_ID, PREFIX, 'mlflow:read', 'Ada']) {
      assert.ok(!visible.includes(hidden), hidden);
    }
  });

  it("takes no entry of one key for another's", async () => {
    const redis = new FakeRedis();
    const cache = cacheOn(redis);
    cache.put('admin string', entryOf({ scopes: ['admin'] }));
    const [sealed] = redis.entries.values();
    assert.ok(sealed);
    cache.put('my string', entryOf());
    const [, mine = ''] = redis.entries.keys();
    redis.entries.set(mine, sealed);
    assert.equal(await cache.get('my string'), undefined);
  });

  it('takes whatever else stands in Redis for a miss', async () => {
    const redis = new FakeRedis();
    const cache = cacheOn(redis);
    cache.put('string', entryOf());
    const [[name, sealed] = ['', Buffer.alloc(0)]] = redis.entries;
    const tampered = fc.nat({ max: sealed.length - 1 }).map((index) => {
      const copy = Buffer.from(sealed);
      copy[index] = (copy[index] ?? 0) ^ 1;
      return copy;
    });
    const anything = fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes));
    const truncated = fc.nat({ max: sealed.length - 1 }).map((length) => sealed.subarray(0, length));
    await fc.assert(
      fc.asyncProperty(fc.oneof(tampered, anything, truncated), async (value) => {
        redis.entries.set(name, value);
        assert.equal(await cache.get('string'), undefined);
      }),
    );
  });

  it('takes well-sealed nonsense for a miss: another version may have written it', async () => {
    const redis = new FakeRedis();
    const sealer = new Sealer(RING[0]?.secret ?? Buffer.alloc(0));
    const name = sealer.nameOf('string');
    const foreign = { ...entryOf(), proof: { keyId: 'another key', keyPrefix: PREFIX } };
    const texts = ['', '{}', 'no JSON', '{"proof":{},"state":{}}', JSON.stringify(foreign, bigintsAsText)];
    for (const text of texts) {
      redis.entries.set(name, sealer.seal(name, text));
      assert.equal(await cacheOn(redis).get('string'), undefined, text);
    }
  });

  it('reads what was sealed with an older secret of the ring, and not with a foreign one', async () => {
    const redis = new FakeRedis();
    const newer = { id: 'b', secret: randomBytes(32) };
    cacheOn(redis).put('string', entryOf());
    assert.ok(await cacheOn(redis, [newer, ...RING]).get('string'));
    assert.equal(await cacheOn(redis, [newer]).get('string'), undefined);
    cacheOn(redis, [newer, ...RING]).put('other', entryOf());
    assert.ok(await cacheOn(redis, [newer]).get('other'), 'the newest seals');
  });

  it('never seals the same way twice', () => {
    const sealer = new Sealer(randomBytes(32));
    assert.notDeepEqual(sealer.seal('name', 'text'), sealer.seal('name', 'text'));
  });

  it('takes a failure of Redis for a miss and reports it', async () => {
    const redis = new FakeRedis();
    const cache = cacheOn(redis);
    cache.put('string', entryOf());
    redis.failure = new Error('Command timed out');
    assert.equal(await cache.get('string'), undefined);
    cache.put('string', entryOf());
    redis.failure = undefined;
    assert.ok(await cache.get('string'));
    assert.equal(cache.failures.length, 2);
  });
});

function bigintsAsText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value;
}
