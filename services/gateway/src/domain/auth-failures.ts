/** How many wrong keys a client may show before it has to wait: so often, and no more, guessing gets an answer. */
import { HokusaiError } from '@hokusai/contracts/errors';
import { LRUCache } from 'lru-cache';
import { clientNetwork } from './client-network.ts';
import type { Clock } from './elapsed.ts';

export interface AuthFailuresOptions {
  /** In any minute, of one address or v6 network. */
  perMinute: number;
  clock: Pick<Clock, 'monotonic'>;
}

/** Reason of the error for those beyond. */
export const AUTH_FAILURES_LIMITED = 'auth_failures_limited';

const MINUTE_MS = 60_000;
/**
 * Clients of which failures are remembered: some megabytes with the default limit. Whoever comes from more
 * addresses than that has that many budgets anyway.
 */
const MAX_CLIENTS = 10_000;

export class AuthFailures {
  readonly #options: AuthFailuresOptions;
  /** Times of the last failures, at most as many as are allowed, oldest first, by network. */
  readonly #failures = new LRUCache<string, readonly number[]>({ max: MAX_CLIENTS });

  constructor(options: AuthFailuresOptions) {
    this.#options = options;
  }

  /** Milliseconds until the client may show a key that is not known here; 0 if it may now. */
  waitMs(clientIp: string): number {
    const { perMinute, clock } = this.#options;
    // Looked at, not used: who is turned away adds nothing, and keeps nobody else's record out.
    const failures = this.#failures.peek(clientNetwork(clientIp)) ?? [];
    const [oldest = 0] = failures;
    return failures.length < perMinute ? 0 : Math.max(0, oldest + MINUTE_MS - clock.monotonic());
  }

  /** So many more may fail now. Whoever asks counts what is under way: none of it may turn out to be one too many. */
  left(clientIp: string): number {
    const { perMinute, clock } = this.#options;
    const failures = this.#failures.peek(clientNetwork(clientIp)) ?? [];
    return perMinute - failures.filter((atMs) => clock.monotonic() - atMs < MINUTE_MS).length;
  }

  /** A client has shown a key that no key is. */
  charge(clientIp: string): void {
    const { perMinute, clock } = this.#options;
    const network = clientNetwork(clientIp);
    const nowMs = clock.monotonic();
    const recent = (this.#failures.get(network) ?? []).filter((atMs) => nowMs - atMs < MINUTE_MS);
    this.#failures.set(network, [...recent, nowMs].slice(-perMinute));
  }

  /** What a client is told that has to wait. */
  refusal(clientIp: string, keyPrefix: string): HokusaiError {
    const retryAfterSeconds = Math.max(1, Math.ceil(this.waitMs(clientIp) / 1000));
    return new HokusaiError(
      'rate_limited',
      `The API key ${keyPrefix} was not checked: ${this.#options.perMinute} unknown keys came from your address in a minute. Keys that are in use here go on working. Find what sends the wrong ones, and try again in ${retryAfterSeconds} s.`,
      { reason: AUTH_FAILURES_LIMITED, retryAfterSeconds },
    );
  }
}
