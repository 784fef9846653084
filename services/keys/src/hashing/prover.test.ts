import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { digestOf, pepperRing } from '../domain/digest.ts';
import type { StoredSecret } from '../domain/secret.ts';
import { createHasher, type Hasher } from './hasher.ts';
import { createProver, type UpgradeSecret } from './prover.ts';

const pool = { concurrency: 2, queueLimit: 2, retryAfterSeconds: 1 };
/** The least that Argon2 allows: these tests are about what is asked of it. */
const cheap = { memoryKib: 8, timeCost: 1, parallelism: 1 };
const key = `hk_live_${'k'.repeat(50)}`;
const [oldPepper, newPepper] = [1, 2].map((n) => ({ id: `p${n}`, secret: randomBytes(32) })) as [
  { id: string; secret: Buffer },
  { id: string; secret: Buffer },
];

function setUp(ring = [newPepper], parameters = cheap) {
  const calls: { verify: number; hash: number } = { verify: 0, hash: 0 };
  const real = createHasher(parameters, pool);
  const hasher: Hasher = {
    verify: (phc, text) => {
      calls.verify++;
      return real.verify(phc, text);
    },
    hash: (text) => {
      calls.hash++;
      return real.hash(text);
    },
    isOutdated: real.isOutdated,
    get isIdle() {
      return real.isIdle;
    },
  };
  const upgrades: Parameters<UpgradeSecret>[1][] = [];
  const failures: unknown[] = [];
  const upgrade: UpgradeSecret = (_, change) => Promise.resolve(void upgrades.push(change));
  const onUpgradeError = (error: unknown) => failures.push(error);
  const peppers = pepperRing(ring);
  return { calls, upgrades, failures, prover: createProver({ hasher, peppers, upgrade, onUpgradeError }) };
}

async function stored(digest: StoredSecret['digest'], parameters = cheap): Promise<StoredSecret> {
  const hash = await createHasher(parameters, pool).hash(key);
  return { keyId: 'id', keyPrefix: key.slice(0, 20), hash, digest, retiredAt: null, validUntil: null };
}

describe('proving a secret', () => {
  it('takes the digest alone where its pepper is at hand', async () => {
    const { prover, calls, upgrades } = setUp();
    const secret = await stored(digestOf(key, pepperRing([newPepper])));
    assert.equal(await prover.prove(secret, key), true);
    assert.equal(await prover.prove(secret, `${key.slice(0, -1)}x`), false);
    await prover.settled();
    assert.deepEqual([calls, upgrades], [{ verify: 0, hash: 0 }, []]);
  });

  it('takes Argon2 where no pepper fits, and renews the digest', async () => {
    const { prover, calls, upgrades } = setUp();
    const secret = await stored(digestOf(key, pepperRing([oldPepper])));
    assert.equal(await prover.prove(secret, `${key.slice(0, -1)}x`), false);
    assert.equal(await prover.prove(secret, key), true);
    await prover.settled();
    assert.deepEqual(calls, { verify: 2, hash: 0 });
    assert.deepEqual(upgrades, [{ digest: digestOf(key, pepperRing([newPepper])) }]);
  });

  it('renews the digest of a pepper that is no longer the newest', async () => {
    const { prover, calls, upgrades } = setUp([newPepper, oldPepper]);
    assert.equal(await prover.prove(await stored(digestOf(key, pepperRing([oldPepper]))), key), true);
    await prover.settled();
    assert.deepEqual([calls.verify, upgrades.length], [0, 1]);
  });

  it('gives an imported key no digest', async () => {
    const { prover, calls, upgrades } = setUp();
    assert.equal(await prover.prove(await stored(null), key), true);
    await prover.settled();
    assert.deepEqual([calls.verify, upgrades], [1, []]);
  });

  it('hashes anew what was hashed with other parameters', async () => {
    const { prover, upgrades } = setUp([newPepper], { ...cheap, timeCost: 2 });
    const secret = await stored(digestOf(key, pepperRing([newPepper])));
    assert.equal(await prover.prove(secret, key), true);
    await prover.settled();
    assert.equal(upgrades.length, 1);
    assert.match(upgrades[0]?.hash ?? '', /^\$argon2id\$v=19\$m=8,t=2,p=1\$/);
    assert.equal(await prover.prove({ ...secret, digest: null, hash: upgrades[0]?.hash ?? '' }, key), true);
  });

  it('hashes once for all who ask for one key at the same time', async () => {
    const { prover, calls } = setUp();
    const secret = await stored(null);
    const answers = await Promise.all(Array.from({ length: 20 }, () => prover.prove(secret, key)));
    assert.ok(answers.every((answer) => answer));
    assert.equal(calls.verify, 1);
  });

  it('never joins questions about different strings', async () => {
    const { prover, calls } = setUp();
    const secret = await stored(null);
    const wrong = `${key.slice(0, -1)}x`;
    const answers = await Promise.all([prover.prove(secret, key), prover.prove(secret, wrong)]);
    assert.deepEqual([answers, calls.verify], [[true, false], 2]);
  });

  it('refuses at once when the queue is full, and not for digests', async () => {
    const { prover } = setUp();
    const secret = await stored(null);
    const withDigest = await stored(digestOf(key, pepperRing([newPepper])));
    const flood = Array.from({ length: 10 }, (_, n) => prover.prove(secret, `${key.slice(0, -1)}${n}`));
    assert.equal(await prover.prove(withDigest, key), true);
    const outcomes = await Promise.allSettled(flood);
    const refused = outcomes
      .filter(({ status }) => status === 'rejected')
      .map((one) => one as PromiseRejectedResult);
    assert.equal(refused.length, 6);
    for (const { reason } of refused) {
      assert.deepEqual([reason.code, reason.retryAfterSeconds], ['unavailable', 1]);
      assert.ok(!JSON.stringify(reason).includes('kkkk') && !reason.message.includes('kkkk'));
    }
  });

  it('holds when the renewal fails', async () => {
    const failure = new Error('no database');
    const failures: unknown[] = [];
    const prover = createProver({
      hasher: createHasher(cheap, pool),
      peppers: pepperRing([newPepper]),
      upgrade: () => Promise.reject(failure),
      onUpgradeError: (error) => failures.push(error),
    });
    assert.equal(await prover.prove(await stored(digestOf(key, pepperRing([oldPepper]))), key), true);
    await prover.settled();
    assert.deepEqual(failures, [failure]);
  });
});

describe('Argon2id', () => {
  it('verifies what it hashed and nothing else, and salts', async () => {
    const hasher = createHasher(cheap, { ...pool, queueLimit: 100 });
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.string(), async (text, other) => {
        const [phc, again] = await Promise.all([hasher.hash(text), hasher.hash(text)]);
        assert.match(phc, /^\$argon2id\$v=19\$m=8,t=1,p=1\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/);
        assert.notEqual(phc, again);
        assert.equal(await hasher.verify(phc, text), true);
        assert.equal(await hasher.verify(phc, other), other === text);
      }),
    );
  });
});
