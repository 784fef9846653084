import { mintKey, type RandomBytes, type TagRing } from '@hokusai/key-format';
import type { SecretMaker } from '../application/store-key.ts';
import { digestOf, type PepperRing } from '../domain/digest.ts';
import type { Hasher } from './hasher.ts';

export interface SecretMakerOptions {
  tags: TagRing;
  peppers: PepperRing;
  hasher: Hasher;
  random: RandomBytes;
}

/** Mints keys and makes what is stored of them. */
export function createSecretMaker({ tags, peppers, hasher, random }: SecretMakerOptions): SecretMaker {
  return {
    mint: (environment) => mintKey(environment, tags, random),
    hash: (key) => hasher.hash(key),
    digest: (key) => digestOf(key, peppers),
  };
}
