/** Argon2id of whole keys, in PHC form: the durable verifier, which needs no other secret. */
import { randomBytes } from 'node:crypto';
import argon2 from 'argon2';
import { BoundedPool, type BoundedPoolOptions, type PoolObserver } from './bounded-pool.ts';

export interface Argon2Parameters {
  memoryKib: number;
  timeCost: number;
  parallelism: number;
}

export interface Hasher {
  /** Throws `unavailable` if too many hashes wait already. */
  hash(key: string): Promise<string>;
  /** Compares in constant time; with the parameters that the PHC string names. Throws like `hash`. */
  verify(phc: string, key: string): Promise<boolean>;
  /** True if the PHC string was made with other parameters than today's. */
  isOutdated(phc: string): boolean;
  /** True if a hash would begin at once. */
  readonly isIdle: boolean;
}

export interface MeasuredHasher extends Hasher {
  /** Hashes that wait for their turn. */
  readonly queued: number;
  /** Has one observer told how long they wait and take. */
  observe(observer: PoolObserver): void;
}

const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Argon2 1.3, as PHC strings name it. */
const VERSION = 19;

export function createHasher(parameters: Argon2Parameters, poolOptions: BoundedPoolOptions): MeasuredHasher {
  const pool = new BoundedPool(poolOptions);
  const options = {
    memoryCost: parameters.memoryKib,
    timeCost: parameters.timeCost,
    parallelism: parameters.parallelism,
  };

  async function hash(key: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const algorithm = { type: argon2.argon2id, version: VERSION, hashLength: HASH_BYTES } as const;
    const raw = await argon2.hash(key, { ...options, ...algorithm, salt, raw: true });
    return phcOf(parameters, salt, raw);
  }

  return {
    hash: (key) => pool.run(() => hash(key)),
    verify: (phc, key) => pool.run(() => argon2.verify(phc, key)),
    isOutdated: (phc) => argon2.needsRehash(phc, options),
    get isIdle() {
      return pool.isIdle;
    },
    get queued() {
      return pool.queued;
    },
    observe: (observer) => pool.observe(observer),
  };
}

/** Parameters in the order m, t, p, which other libraries insist on; the one used here writes m, p, t. */
function phcOf({ memoryKib, timeCost, parallelism }: Argon2Parameters, salt: Buffer, hash: Buffer): string {
  const base64 = (bytes: Buffer) => bytes.toString('base64').replace(/=+$/, '');
  const cost = `m=${memoryKib},t=${timeCost},p=${parallelism}`;
  return `$argon2id$v=${VERSION}$${cost}$${base64(salt)}$${base64(hash)}`;
}
