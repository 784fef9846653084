/** Argon2id of whole keys, in PHC form: the durable verifier, which needs no other secret. */
import argon2 from 'argon2';
import { BoundedPool, type BoundedPoolOptions } from './bounded-pool.ts';

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

export function createHasher(parameters: Argon2Parameters, poolOptions: BoundedPoolOptions): Hasher {
  const pool = new BoundedPool(poolOptions);
  const options = {
    memoryCost: parameters.memoryKib,
    timeCost: parameters.timeCost,
    parallelism: parameters.parallelism,
  };
  return {
    hash: (key) => pool.run(() => argon2.hash(key, { ...options, type: argon2.argon2id })),
    verify: (phc, key) => pool.run(() => argon2.verify(phc, key)),
    isOutdated: (phc) => argon2.needsRehash(phc, options),
    get isIdle() {
      return pool.isIdle;
    },
  };
}
