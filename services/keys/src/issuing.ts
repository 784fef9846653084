/** What issuing keys takes, from the configuration: the same for the service and for `bootstrap-admin`. */
import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { systemClock } from '@hokusai/service-kit';
import { createEventFactory } from './application/events.ts';
import type { IssuingConfig } from './config.ts';
import type { IssuingPolicy } from './domain/create-key.ts';
import { createCursors } from './domain/cursor.ts';
import { pepperRing } from './domain/digest.ts';
import { RefusalFolds } from './domain/refusal-folds.ts';
import { createSealer } from './domain/repetition.ts';
import { createHasher } from './hashing/hasher.ts';
import { createSecretMaker } from './hashing/secret-maker.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** The queue is emptied in about a second. */
const HASHING_RETRY_AFTER_SECONDS = 1;

export function createIssuing(config: IssuingConfig) {
  const peppers = pepperRing(config.KEY_PEPPERS);
  const hasher = createHasher(
    {
      memoryKib: config.ARGON2_MEMORY_KIB,
      timeCost: config.ARGON2_TIME_COST,
      parallelism: config.ARGON2_PARALLELISM,
    },
    {
      concurrency: config.ARGON2_CONCURRENCY,
      queueLimit: config.ARGON2_QUEUE,
      retryAfterSeconds: HASHING_RETRY_AFTER_SECONDS,
    },
  );
  return {
    policy: policyOf(config),
    peppers,
    hasher,
    secrets: createSecretMaker({ tags: config.KEY_TAG_SECRETS, peppers, hasher, random: randomBytes }),
    sealer: createSealer(peppers, randomBytes),
    cursors: createCursors(peppers),
    events: createEventFactory(`/hokusai/keys/${hostname()}`, randomUUID),
    newId: () => randomUUID() as string,
    refusalFolds: new RefusalFolds(),
    monotonic: () => systemClock.monotonic(),
  };
}

function policyOf(config: IssuingConfig): IssuingPolicy {
  return {
    defaultLimits: {
      ratePerHour: config.DEFAULT_RATE_LIMIT_PER_HOUR,
      burst: config.DEFAULT_BURST_LIMIT,
      burstWindowSeconds: config.DEFAULT_BURST_WINDOW_SECONDS,
    },
    maxKeysPerUser: config.MAX_KEYS_PER_USER,
    defaultTtlMs: config.KEY_DEFAULT_TTL_DAYS === undefined ? null : config.KEY_DEFAULT_TTL_DAYS * DAY_MS,
    maxTtlMs: config.KEY_MAX_TTL_DAYS === undefined ? null : config.KEY_MAX_TTL_DAYS * DAY_MS,
    rotationGraceMs: config.ROTATION_GRACE_SECONDS * 1000,
  };
}
