/** The rate limits at the doors. */
import type { RateLimiter } from '../domain/ports.ts';
import type { Exchange } from './exchange.ts';

/**
 * Charges a request to its key; one without a key costs nothing. Throws HokusaiError `rate_limited` if a limit
 * is used up, and `unavailable` if it can't be known and nothing is served then.
 */
export async function charge(exchange: Exchange, limiter: RateLimiter): Promise<void> {
  const { caller } = exchange;
  if (!caller) return;
  const standing = await limiter.charge(caller.state);
  exchange.rateLimit = standing;
  if (standing.verdict !== 'admitted') throw standing.refusal(caller.proof.keyPrefix);
}

/** Lets the answer tell how its key stands, of a request that is not charged. */
export function showLimits(exchange: Exchange, limiter: RateLimiter): void {
  const { caller } = exchange;
  if (caller) exchange.rateLimit ??= limiter.known(caller.state);
}

/** Header names and values, flat; none of a request without a proved key. */
export function rateLimitHeaders({ rateLimit }: Exchange): string[] {
  return rateLimit?.headers() ?? [];
}
