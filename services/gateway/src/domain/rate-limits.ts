/** The limits of a key, and what is told of them. */
import { HokusaiError } from '@hokusai/contracts/errors';
import type { Clock } from './elapsed.ts';
import type { KeyState } from './key-state.ts';

/** `hour` and `burst` are of the key, `user` of its owner over all keys. */
export type PolicyName = 'hour' | 'burst' | 'user';

/** What happens with requests while Redis can't be asked. */
export const LOSS_POLICIES = ['local-share', 'open', 'closed'] as const;
export type LossPolicy = (typeof LOSS_POLICIES)[number];

export interface Policies {
  perHour: number;
  /** In any `burstWindowSeconds`. */
  burst: number;
  burstWindowSeconds: number;
  /** null where the owner has none. */
  userPerHour: number | null;
  /** All of it as the header RateLimit-Policy. */
  header: string;
}

const HOUR_SECONDS = 3600;

export function policiesOf({ limits, owner }: KeyState): Policies {
  const { ratePerHour: perHour, burst, burstWindowSeconds } = limits;
  const { rateLimitPerHour: userPerHour } = owner;
  const ofUser = userPerHour === null ? '' : `, "user";q=${userPerHour};w=${HOUR_SECONDS}`;
  const header = `"hour";q=${perHour};w=${HOUR_SECONDS}, "burst";q=${burst};w=${burstWindowSeconds}${ofUser}`;
  return { perHour, burst, burstWindowSeconds, userPerHour, header };
}

/**
 * What is counted at a moment, and when there will be more to use than then. Of a user without a limit,
 * nothing. Times are ms since the epoch, of the clock that counts.
 */
export interface Reading {
  atMs: number;
  /** The same moment by this process's monotonic clock. */
  heardAtMs: number;
  hourUsed: number;
  hourResetAtMs: number;
  burstUsed: number;
  burstResetAtMs: number;
  userUsed: number;
  userResetAtMs: number;
}

export function unusedReading(clock: Clock): Reading {
  const atMs = clock.now();
  const resets = { hourResetAtMs: atMs, burstResetAtMs: atMs, userResetAtMs: atMs };
  return { atMs, heardAtMs: clock.monotonic(), hourUsed: 0, burstUsed: 0, userUsed: 0, ...resets };
}

/**
 * - `admitted`: charged, or shown without having been charged.
 * - `refused`: a limit is used up.
 * - `unknown`: refused, since nothing can be known.
 */
export type Verdict = 'admitted' | 'refused' | 'unknown';

interface PolicyStanding {
  name: PolicyName;
  limit: number;
  windowSeconds: number;
  remaining: number;
  resetAtMs: number;
}

/** How a request stands to the limits of its key. One is made for each request; what it tells, when it is asked. */
export class Standing {
  readonly verdict: Verdict;
  readonly #policies: Policies;
  readonly #reading: Reading;
  readonly #later: number;
  readonly #clock: Clock;
  readonly #substitute: LossPolicy | undefined;

  /**
   * @param reading with this request in it, if it was admitted
   * @param later how many requests in the reading came after this one
   * @param substitute by what it was decided instead of by Redis
   */
  constructor(
    verdict: Verdict,
    policies: Policies,
    reading: Reading,
    later: number,
    clock: Clock,
    substitute?: LossPolicy,
  ) {
    this.verdict = verdict;
    this.#policies = policies;
    this.#reading = reading;
    this.#later = later;
    this.#clock = clock;
    this.#substitute = substitute;
  }

  /** Names and values, flat. */
  headers(): string[] {
    const { header } = this.#policies;
    const nowMs = this.#nowMs();
    const all = this.#standings();
    const main = this.#foremost(all);
    let state = '';
    for (const { name, remaining, resetAtMs } of all)
      state += `${state && ', '}"${name}";r=${remaining};t=${secondsUntil(resetAtMs, nowMs)}`;
    const headers = ['RateLimit-Policy', header, 'RateLimit', state];
    headers.push('X-RateLimit-Limit', String(main.limit), 'X-RateLimit-Remaining', String(main.remaining));
    headers.push('X-RateLimit-Reset', String(Math.ceil(Math.max(main.resetAtMs, nowMs) / 1000)));
    if (this.#substitute !== undefined) headers.push('X-RateLimit-Degraded', this.#substitute);
    return headers;
  }

  /** What a request that is not admitted is answered with. */
  refusal(keyPrefix: string): HokusaiError {
    if (this.verdict === 'unknown') return limitsUnavailable();
    const exhausted = this.#standings().filter(isExhausted);
    const freeAtMs = Math.max(...exhausted.map(({ resetAtMs }) => resetAtMs));
    const retryAfterSeconds = Math.max(1, secondsUntil(freeAtMs, this.#nowMs()));
    const violations = exhausted.map((policy) => ({ path: policy.name, message: told(policy) }));
    const what = violations.map(({ message }) => message).join(' and ');
    return new HokusaiError(
      'rate_limited',
      `The API key ${keyPrefix} has used up ${what}. It works again in ${retryAfterSeconds} s, at ${instant(freeAtMs)}: send fewer requests, or ask an administrator for a higher limit.`,
      { reason: 'rate_limited', retryAfterSeconds, violations },
    );
  }

  /** Names of the limits that are used up. */
  get exhausted(): PolicyName[] {
    return this.#standings()
      .filter(isExhausted)
      .map(({ name }) => name);
  }

  /** From the reading until a request can be admitted again; 0 if one can be. */
  get freeInMs(): number {
    const waits = this.#standings().filter(isExhausted);
    return waits.reduce((longest, { resetAtMs }) => Math.max(longest, resetAtMs - this.#reading.atMs), 0);
  }

  #nowMs(): number {
    return this.#reading.atMs + this.#clock.monotonic() - this.#reading.heardAtMs;
  }

  #standings(): PolicyStanding[] {
    const { perHour, burst, burstWindowSeconds, userPerHour } = this.#policies;
    const reading = this.#reading;
    const all = [
      this.#standing('hour', perHour, HOUR_SECONDS, reading.hourUsed, reading.hourResetAtMs),
      this.#standing('burst', burst, burstWindowSeconds, reading.burstUsed, reading.burstResetAtMs),
    ];
    if (userPerHour !== null)
      all.push(this.#standing('user', userPerHour, HOUR_SECONDS, reading.userUsed, reading.userResetAtMs));
    return all;
  }

  #standing(
    name: PolicyName,
    limit: number,
    windowSeconds: number,
    used: number,
    resetAtMs: number,
  ): PolicyStanding {
    return { name, limit, windowSeconds, resetAtMs, remaining: Math.max(0, limit - used + this.#later) };
  }

  /** What headers with room for one tell of: in a refusal, what ends last; else the hourly limit with less left. */
  #foremost(all: readonly PolicyStanding[]): PolicyStanding {
    const [hour, , user] = all as [PolicyStanding, PolicyStanding, PolicyStanding?];
    const tighter = user && user.remaining < hour.remaining ? user : hour;
    if (this.verdict !== 'refused') return tighter;
    const [last] = all.filter(isExhausted).sort((a, b) => b.resetAtMs - a.resetAtMs);
    return last ?? tighter;
  }
}

function isExhausted({ remaining }: PolicyStanding): boolean {
  return remaining === 0;
}

function limitsUnavailable(): HokusaiError {
  return new HokusaiError(
    'unavailable',
    'The rate limits can not be checked at the moment, and this gateway serves nothing unchecked. Try again in some seconds.',
    { reason: 'limits_unavailable', retryAfterSeconds: 5 },
  );
}

function told({ name, limit, windowSeconds }: PolicyStanding): string {
  if (name === 'hour') return `its limit of ${limit} requests per hour`;
  if (name === 'burst') return `its limit of ${limit} requests in ${windowSeconds} s`;
  return `the limit of ${limit} requests per hour that its owner has over all keys`;
}

function secondsUntil(atMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((atMs - nowMs) / 1000));
}

/** To the second, in UTC, and not before it: `2026-03-01T12:00:00Z`. A window may be longer than dates reach. */
function instant(ms: number): string {
  const date = new Date(Math.ceil(ms / 1000) * 1000);
  return Number.isNaN(date.getTime()) ? 'a time far off' : `${date.toISOString().slice(0, 19)}Z`;
}
