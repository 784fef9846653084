/** Authentication of keys: caches, trust and the follow stream, put together. */
import type { TagRing } from '@hokusai/key-format';
import type { Clock, Logger, RedisClient, RingSecret } from '@hokusai/service-kit';
import { AuthFailures } from '../domain/auth-failures.ts';
import type { ChangeListener, KeyLookup } from '../domain/ports.ts';
import { Trust } from '../domain/trust.ts';
import { FollowClient, type FollowCounts } from '../grpc/follow-client.ts';
import { getKeyState, type KeyValidationClient, validateKey } from '../grpc/keys-client.ts';
import { AnnouncedStates } from './announced-states.ts';
import { type CurrentState, currentState } from './current-state.ts';
import { CachedKeyLookup } from './key-lookup.ts';
import type { KeysPort } from './keys-port.ts';
import { L1 } from './l1.ts';
import { createSharedCache } from './l2.ts';
import { type LookupCounts, newLookupCounts } from './lookup-counts.ts';
import { Outage, watchOutage } from './outage.ts';
import { SharedProofPlaces } from './proof-places.ts';
import { SingleFlight } from './single-flight.ts';
import { boundUnknownTags, withoutUnknownTags } from './unknown-tags.ts';

export interface AuthenticationSettings {
  /** Identity of this process (uuid), new at each start; the same as in its usage events. */
  incarnation: string;
  /** Its name for people. */
  gateway: string;
  /** A state is not used for longer after it was read. */
  stateTtlMs: number;
  /** What the shared cache has not answered by then is asked elsewhere. */
  redisTimeoutMs: number;
  /** An unknown key is taken to be unknown for that long. */
  negativeTtlMs: number;
  /** States are trusted for that long after the last ping that the keys service echoed was sent. */
  followStaleMs: number;
  /** In an outage a state serves for that long after it was last trusted; 0 for not at all. */
  outageGraceMs: number;
  /** So many wrong keys of one client in a minute; absent: any number. */
  authFailuresPerMinute?: number;
}

export interface AuthenticationOptions {
  keysClient: KeyValidationClient;
  redis: RedisClient;
  tagRing: TagRing;
  /** Newest first. */
  cacheRing: readonly RingSecret[];
  clock: Clock;
  /** Uniform in [0, 1). */
  random?: () => number;
  logger: Logger;
  settings: AuthenticationSettings;
}

export interface AuthenticationStats {
  lookups: Readonly<LookupCounts>;
  follow: Readonly<FollowCounts>;
  /** Entries held in this process. */
  entries: { proofs: number; states: number; unknown: number };
}

export interface Authentication {
  lookup: KeyLookup;
  stateOf: CurrentState;
  /** Tells somebody of the changes that are heard of, from now on. */
  tellChanges(listener: ChangeListener): void;
  /** Opens the follow stream; returns at once. Lookups work before it stands, each asking the keys service. */
  start(): void;
  /** True while states in the caches can be trusted. */
  following(): boolean;
  /** Since all changes were last known to be heard of; since it was made if they never were. */
  followAgeMs(): number;
  /** Says goodbye to the keys service. To be called before the clients are closed. */
  close(): Promise<void>;
  stats(): AuthenticationStats;
}

/** In each of the maps of a process: some 100 MB if all are full. */
const MAX_ENTRIES = 50_000;
const HEARD_CAPACITY = 100_000;
const PING_INTERVAL_MS = 1000;
const GOODBYE_LIMIT_MS = 1000;

export function createAuthentication(options: AuthenticationOptions): Authentication {
  const { keysClient, redis, tagRing, cacheRing, clock, random = Math.random, logger, settings } = options;
  const {
    stateTtlMs,
    negativeTtlMs,
    followStaleMs,
    outageGraceMs,
    authFailuresPerMinute: perMinute,
  } = settings;
  const counts = newLookupCounts();
  const trust = new Trust({ staleMs: followStaleMs, stateTtlMs, heardCapacity: HEARD_CAPACITY }, clock);
  const l1 = new L1({ maxEntries: MAX_ENTRIES, negativeTtlMs }, clock);
  const shared = createSharedCache({
    redis,
    timeoutMs: settings.redisTimeoutMs,
    ring: cacheRing,
    ttlMs: stateTtlMs,
    onFailure: () => {
      counts.l2Failures += 1;
    },
  });
  const outage = new Outage({ graceMs: outageGraceMs, clock, logger });
  const questions: KeysPort = {
    validate: (key, requestId) => validateKey(keysClient, key, requestId),
    getState: (keyId, requestId) => getKeyState(keysClient, keyId, requestId),
  };
  const keys = watchOutage(questions, outage);
  const failures = perMinute === undefined ? undefined : new AuthFailures({ perMinute, clock });
  // Its bounds stand outside of what is watched: a question that they turn away says nothing about the keys service.
  const places = boundUnknownTags(new SharedProofPlaces({ failures }), tagRing, counts);
  const l2 = withoutUnknownTags(shared, tagRing);
  const states = new AnnouncedStates(l1);
  const follow = new FollowClient({
    client: keysClient,
    trust,
    states,
    settings: {
      incarnation: settings.incarnation,
      gateway: settings.gateway,
      trustMs: followStaleMs + outageGraceMs,
      pingIntervalMs: Math.min(PING_INTERVAL_MS, followStaleMs / 3),
      // Leaves time to find another replica before trust ends.
      silenceMs: followStaleMs * 0.6,
    },
    random,
    logger,
  });
  return {
    lookup: new CachedKeyLookup({
      ...{ trust, l1, l2, keys, outage, flights: new SingleFlight(clock) },
      ...{ failures, places, counts, clock, staleMs: followStaleMs },
    }),
    stateOf: currentState({ trust, l1, keys }),
    tellChanges: (listener) => {
      states.listener = listener;
    },
    start: () => follow.start(),
    following: () => trust.isFollowing(),
    followAgeMs: () => trust.echoAgeMs(),
    close: () => follow.close(GOODBYE_LIMIT_MS),
    stats: () => ({ lookups: { ...counts }, follow: { ...follow.counts }, entries: l1.sizes() }),
  };
}
