/**
 * "This string is that secret": by its digest in microseconds where a pepper fits, else by Argon2, once
 * for however many ask at the same time. What is stored is brought up to date along the way.
 */
import { createHash } from 'node:crypto';
import { checkDigest, type Digest, digestOf, type PepperRing } from '../domain/digest.ts';
import type { StoredSecret } from '../domain/secret.ts';
import type { Hasher } from './hasher.ts';

/** Replaces verifiers of a secret, unless its hash is another by now. */
export type UpgradeSecret = (
  secret: StoredSecret,
  upgrade: { hash?: string; digest?: Digest },
) => Promise<void>;

export interface ProverOptions {
  hasher: Hasher;
  peppers: PepperRing;
  upgrade: UpgradeSecret;
  /** Told when an upgrade failed: the proof holds all the same. */
  onUpgradeError: (error: unknown) => void;
}

export interface Prover {
  /** Throws `unavailable` if Argon2 is needed and too many hashes wait already. */
  prove(secret: StoredSecret, key: string): Promise<boolean>;
  /** Resolves when no upgrade is under way. */
  settled(): Promise<void>;
}

/** Verdicts of Argon2 that are remembered: some hundred bytes each. */
const VERDICTS_LIMIT = 1000;

export function createProver({ hasher, peppers, upgrade, onUpgradeError }: ProverOptions): Prover {
  const verdicts = new Map<string, Promise<boolean>>();
  const upgrades = new Map<string, Promise<void>>();

  async function prove(secret: StoredSecret, key: string): Promise<boolean> {
    const byDigest = secret.digest === null ? 'no-pepper' : checkDigest(key, secret.digest, peppers);
    const isProved = byDigest === 'no-pepper' ? await verify(secret, key) : byDigest === 'proved';
    if (isProved) upgradeInBackground(secret, key);
    return isProved;
  }

  /** A verdict on a hash and a string never changes: it also serves whoever read the row before its renewal. */
  function verify(secret: StoredSecret, key: string): Promise<boolean> {
    const id = `${secret.hash}:${createHash('sha256').update(key).digest('base64')}`;
    const known = verdicts.get(id);
    if (known !== undefined) return known;
    const verdict = hasher.verify(secret.hash, key);
    verdicts.set(id, verdict);
    verdict.catch(() => verdicts.delete(id));
    const [oldest] = verdicts.keys();
    if (verdicts.size > VERDICTS_LIMIT && oldest !== undefined) verdicts.delete(oldest);
    return verdict;
  }

  function upgradeInBackground(secret: StoredSecret, key: string): void {
    // An imported key has no digest and gets none: it may be short enough to be guessed.
    const needsDigest = secret.digest !== null && secret.digest.pepperId !== peppers[0].id;
    // Hashing anew is not worth making others wait: a later proof will find a quiet moment.
    const needsHash = hasher.isOutdated(secret.hash) && hasher.isIdle;
    if (!(needsDigest || needsHash) || upgrades.has(secret.keyPrefix)) return;
    const work = async () => {
      const digest = needsDigest ? { digest: digestOf(key, peppers) } : {};
      const hash = needsHash ? { hash: await hasher.hash(key) } : {};
      await upgrade(secret, { ...digest, ...hash });
    };
    const running = work()
      .catch(onUpgradeError)
      .finally(() => upgrades.delete(secret.keyPrefix));
    upgrades.set(secret.keyPrefix, running);
  }

  return { prove, settled: async () => void (await Promise.all(upgrades.values())) };
}
