/** What the request path needs from the rest of the gateway, without knowing how it is done. */
import type { UsageRequest } from '@hokusai/contracts';
import type { KeyState, Proof } from './key-state.ts';
import type { Standing } from './rate-limits.ts';

/** Most answers need no waiting, and a promise for each would cost more than they do. */
export type Awaitable<T> = T | Promise<T>;

/** A proved key and a state that may be trusted now. Whether the state allows anything is decided elsewhere. */
export interface AuthenticatedKey {
  proof: Proof;
  state: KeyState;
  /** The keys database's clock now, ms since the epoch: what expiry is judged by. */
  nowMs: number;
}

export interface KeyLookup {
  /**
   * Proves a well-formed key and finds its state, from the caches if they can be trusted, else from the
   * keys service. undefined if no key has this secret. Throws HokusaiError `unavailable` when that can't
   * be known, and `rate_limited` when it is not asked for, since `clientIp` has shown too many wrong keys.
   * Clients whose address is not given share what unknown ones have. Answers at once what this process knows.
   */
  find(key: string, requestId: string, clientIp?: string): Awaitable<AuthenticatedKey | undefined>;
}

/** Whoever wants to hear of changes of keys, after the states that they make obsolete have been dropped. */
export interface ChangeListener {
  /** A key has got this version, now or some time ago: a change may be told more than once. */
  changed(keyId: string, version: bigint): void;
  /** Changes may have been missed: any key may be another by now. */
  anyChanged(): void;
}

/** Who sent a request, as far as it can be told without a proved key. */
export interface ObservedClient {
  clientIp: string;
  userAgentFamily: string;
  /** Of the key that was proved; null without one: prefixes can be invented. */
  keyPrefix: string | null;
}

/** Takes note of finished requests; never waits and never throws. */
export interface UsageRecorder {
  /**
   * One authenticated request; the number in the sequence is given here.
   * @param traceparent of the request, where it is traced
   */
  request(usage: Omit<UsageRequest, 'sequence'>, traceparent?: string): void;
  /** One request without a proved key, by the reason it was refused for. */
  anonymousRefusal(reason: string, clientIp: string): void;
  /** One request that was served and would have been refused, were the gateway not observing only. */
  observedRefusal(reason: string, client: ObservedClient): void;
}

/** A request that was refused, or that signed in, for the audit log. */
export interface ReportedRequest {
  /** Stable code of a refusal, e.g. `key_revoked`, `unknown_key`, `scope_missing`. */
  reason: string;
  clientIp: string;
  /** Public prefix of what was presented, where it was well-formed. */
  keyPrefix: string | null;
  /** Where the key is known. */
  keyId: string | null;
  userId: string | null;
  /** Method and route template. */
  route: string;
  userAgent: string;
  requestId: string;
  traceId: string | null;
  /** Where it is traced. */
  traceparent?: string | undefined;
}

/** Folds refusals of the same reason, address and prefix; never waits and never throws. */
export interface RefusalReporter {
  refused(refusal: ReportedRequest): void;
}

export type SignIn = Omit<ReportedRequest, 'reason'>;

/** Tells that somebody began to work with a key; never waits and never throws. */
export interface SignInReporter {
  signedIn(request: SignIn): void;
}

/** Decides by the limits of keys and of their owners. Never throws. */
export interface RateLimiter {
  /** Charges a request to its key, or refuses it and charges nothing. */
  charge(state: KeyState): Awaitable<Standing>;
  /** What is known without asking, and without a charge. */
  known(state: KeyState): Standing;
}

/** An hourly limit of which four fifths are used. */
export interface NearQuota {
  /** `hour`: of the key; `user`: of its owner over all keys. */
  policy: 'hour' | 'user';
  limit: number;
  used: number;
}

/** Tells that a limit comes near; never waits and never throws. */
export interface QuotaReporter {
  /** @param state of the key whose request it was */
  near(state: KeyState, quota: NearQuota): void;
}
