/** The parts as they are put together: each has its own tests. */
import assert from 'node:assert/strict';
import { createSecretKey, randomBytes } from 'node:crypto';
import type { RedisClient } from '@hokusai/service-kit';
import { someKey } from '../../test/support/keys.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import type { KeyValidationClient } from '../grpc/keys-client.ts';
import { createAuthentication } from './index.ts';

const RING = [{ id: 't', secret: createSecretKey(randomBytes(32)) }];
const SETTINGS = {
  ...{ incarnation: 'i', gateway: 'g', stateTtlMs: 300_000, negativeTtlMs: 10_000 },
  ...{ redisTimeoutMs: 100, followStaleMs: 5000, outageGraceMs: 60_000 },
};
const emptyRedis = { getBuffer: () => Promise.resolve(null) } as unknown as RedisClient;

/** A keys service that knows no key, and says so when it is told to. */
function slowKeysService() {
  const answers: (() => void)[] = [];
  const call = () =>
    new Promise((resolve) => {
      answers.push(() => resolve({ proof: null, state: null, read: null }));
    });
  return { client: { call } as unknown as KeyValidationClient, answers };
}

describe('authentication, put together', () => {
  it('takes a flood of invented keys that it turns away for no outage of the keys service', async () => {
    const { client, answers } = slowKeysService();
    const { lookup } = createAuthentication({
      ...{ keysClient: client, redis: emptyRedis, tagRing: RING, cacheRing: [], logger: silentLogger },
      ...{ clock: new ManualClock(), settings: SETTINGS },
    });
    const invented = Array.from({ length: 20 }, () => lookup.find(someKey(), 'r'));
    const turnedAway = await Promise.allSettled(invented.slice(16));
    assert.ok(turnedAway.every(({ status }) => status === 'rejected'));
    // While the service is known to be away one question is put, and all others fail at once.
    const genuine = Array.from({ length: 3 }, () => lookup.find(someKey('live', RING), 'r'));
    await new Promise(setImmediate);
    for (const answer of answers) answer();
    assert.deepEqual(await Promise.all(genuine), [undefined, undefined, undefined]);
    await Promise.all(invented.slice(0, 16));
  });
});
