import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import type { TagRing } from '@hokusai/key-format';
import { KEY_ID, keyState, PREFIX, someKey } from '../../test/support/keys.ts';
import type { SharedCache } from './l2.ts';
import { newLookupCounts } from './lookup-counts.ts';
import type { ProofPlaces } from './proof-places.ts';
import { boundUnknownTags, withoutUnknownTags } from './unknown-tags.ts';

const RING: TagRing = [{ id: 'a', secret: createSecretKey(randomBytes(32)) }];

/** Keeps all questions until they are released. */
function heldPlaces() {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  const asked: string[] = [];
  const places: ProofPlaces = {
    ask: ({ key }, question) => {
      asked.push(key);
      return promise.then(question);
    },
  };
  return { places, asked, release: () => resolve(undefined) };
}

describe('boundUnknownTags', () => {
  const asker = (key = someKey()) => ({ key, clientIp: '192.0.2.1' });
  const answer = () => Promise.resolve('answer');

  it('has keys with an unknown tag looked up too, as long as there are few', async () => {
    const { places, asked, release } = heldPlaces();
    const counts = newLookupCounts();
    const bounded = boundUnknownTags(places, RING, counts);
    const answers = Promise.allSettled(Array.from({ length: 50 }, () => bounded.ask(asker(), answer)));
    assert.equal(asked.length, 16);
    assert.equal(counts.unknownTags, 50);
    const genuine = bounded.ask(asker(someKey('live', RING)), answer);
    assert.equal(asked.length, 17, 'a genuine tag is not held up by them');
    release();
    const refused = (await answers).filter(({ status }) => status === 'rejected');
    assert.equal(refused.length, 34);
    assert.ok(refused.every((result) => 'reason' in result && result.reason.reason === 'unknown_keys_shed'));
    assert.equal(await genuine, 'answer');
    await bounded.ask(asker(), answer);
    assert.equal(asked.length, 18, 'there is room again');
  });

  it('bounds nothing without a ring', async () => {
    const { places, asked, release } = heldPlaces();
    const bounded = boundUnknownTags(places, [], newLookupCounts());
    const answers = Array.from({ length: 50 }, () => bounded.ask(asker(), answer));
    assert.equal(asked.length, 50);
    release();
    await Promise.all(answers);
  });
});

describe('withoutUnknownTags', () => {
  const entry = { proof: { keyId: KEY_ID, keyPrefix: PREFIX }, state: keyState() };
  const noted = () => {
    const keys: string[] = [];
    const shared: SharedCache = {
      get: (key) => {
        keys.push(key);
        return Promise.resolve(entry);
      },
      put: (key) => void keys.push(key),
    };
    return { keys, shared };
  };

  it('leaves the shared cache in peace for keys with an unknown tag', async () => {
    const { keys, shared } = noted();
    const cache = withoutUnknownTags(shared, RING);
    const [invented, genuine] = [someKey(), someKey('live', RING)];
    assert.equal(await cache.get(invented), undefined);
    cache.put(invented, entry);
    assert.equal(await cache.get(genuine), entry);
    cache.put(genuine, entry);
    assert.deepEqual(keys, [genuine, genuine]);
  });

  it('shares all keys without a ring', async () => {
    const { keys, shared } = noted();
    const key = someKey();
    assert.equal(await withoutUnknownTags(shared, []).get(key), entry);
    assert.deepEqual(keys, [key]);
  });
});
