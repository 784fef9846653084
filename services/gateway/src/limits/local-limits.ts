/** Decisions without Redis, and what they leave to be charged. */
import type { Clock } from '../domain/elapsed.ts';
import { shareOf } from '../domain/local-share.ts';
import type { LossPolicy, Reading } from '../domain/rate-limits.ts';
import { burstShape, HOUR, SlidingWindow, type WindowShape } from '../domain/sliding-window.ts';
import type { Debt, KeyRecord, LocalLimit } from './records.ts';

export interface LocalLimitsOptions {
  policy: LossPolicy;
  /** This process, as it is called in `gateways`. */
  self: string;
  /** All that shared Redis when it was last there. */
  gateways: () => readonly string[];
  clock: Clock;
}

/** Whoever has no share is asked to come again so soon: another gateway may have one, or Redis be back. */
const NO_SHARE_RETRY_MS = 60_000;

export class LocalLimits {
  /** Keys for which something is owed. */
  readonly indebted = new Set<KeyRecord>();
  readonly #options: LocalLimitsOptions;
  /** Windows move by the monotonic clock, from the wall clock's time at the start. */
  readonly #epochMs: number;

  constructor(options: LocalLimitsOptions) {
    this.#options = options;
    this.#epochMs = options.clock.now() - options.clock.monotonic();
  }

  /** Decides about `count` requests; those that are admitted are owed to Redis. */
  decide(record: KeyRecord, outage: number, count: number): { admitted: number; reading: Reading } {
    const { keyId, owner } = record.state;
    const { perHour, burst, burstWindowSeconds, userPerHour } = record.policies;
    const { reading, shares } = record;
    shares.hour = this.#renew(shares.hour, outage, perHour, keyId, HOUR, reading, reading?.hourUsed);
    const shape = burstShape(burstWindowSeconds);
    shares.burst = this.#renew(shares.burst, outage, burst, keyId, shape, reading, reading?.burstUsed);
    const limits = [shares.hour, shares.burst];
    if (userPerHour !== null) {
      const { owner: ofUser } = record;
      const used = reading?.userUsed;
      ofUser.share = this.#renew(ofUser.share, outage, userPerHour, owner.userId, HOUR, reading, used);
      limits.push(ofUser.share);
    }
    const free = Math.max(0, Math.min(...limits.map((limit) => limit.share - usedOf(limit))));
    const admitted = this.isUnbounded ? count : Math.min(count, free);
    for (const { window } of limits) window.add(admitted);
    if (admitted > 0) this.#owe(record, admitted);
    return { admitted, reading: this.#readingOf(limits) };
  }

  /** True if everything is admitted. */
  get isUnbounded(): boolean {
    return this.#options.policy === 'open';
  }

  /** What is to be charged: what was admitted within the windows that are still open. */
  owed({ debt }: KeyRecord): { hour: number; burst: number } {
    if (!debt) return { hour: 0, burst: 0 };
    this.#move(debt);
    return { hour: debt.hour.used, burst: debt.burst.used };
  }

  /** So many of them were charged. */
  settle(record: KeyRecord, hour: number, burst: number): void {
    const { debt } = record;
    if (!debt) return;
    this.#move(debt);
    debt.hour.remove(hour);
    debt.burst.remove(burst);
    if (debt.hour.used > 0) return;
    record.debt = undefined;
    this.indebted.delete(record);
  }

  #owe(record: KeyRecord, count: number): void {
    const nowMs = this.#nowMs();
    record.debt ??= {
      hour: new SlidingWindow(HOUR, nowMs),
      burst: new SlidingWindow(burstShape(record.policies.burstWindowSeconds), nowMs),
      isSent: false,
    };
    this.indebted.add(record);
    this.#move(record.debt);
    record.debt.hour.add(count);
    record.debt.burst.add(count);
  }

  #move({ hour, burst }: Debt): void {
    const nowMs = this.#nowMs();
    hour.moveTo(nowMs);
    burst.moveTo(nowMs);
  }

  /**
   * The limit in this outage, as it is configured now: what is free is the smaller of the share and the last known
   * rest. What was admitted in former outages of the last hour stays taken from the share, so that a Redis that
   * comes and goes adds nothing to it.
   */
  #renew(
    local: LocalLimit | undefined,
    outage: number,
    limit: number,
    id: string,
    shape: WindowShape,
    last: Reading | undefined,
    lastUsed = 0,
  ): LocalLimit {
    const nowMs = this.#nowMs();
    const isKept = local?.shape.widthMs === shape.widthMs;
    if (isKept && local.outage === outage) {
      if (local.limit !== limit) local.share = this.#shareOf(limit, id);
      local.limit = limit;
      local.window.moveTo(nowMs);
      local.aside?.moveTo(nowMs);
      return local;
    }
    const share = this.#shareOf(limit, id);
    const heardAtMs = last?.heardAtMs ?? Number.NEGATIVE_INFINITY;
    const window = isKept ? local.window : new SlidingWindow(shape, nowMs);
    window.moveTo(nowMs);
    // What Redis has said since the former outage counts instead of what it had said before.
    const isKnown = isKept && heardAtMs <= local.heardAtMs;
    const ageMs = this.#options.clock.monotonic() - heardAtMs;
    const rest = Math.max(0, limit - (ageMs <= shape.slots * shape.widthMs ? lastUsed : 0));
    const aside = isKnown ? local.aside : setAside(share - rest - window.used, shape, nowMs);
    aside?.moveTo(nowMs);
    return { outage, limit, shape, share, window, aside, heardAtMs };
  }

  #shareOf(limit: number, id: string): number {
    const { self, gateways } = this.#options;
    return this.isUnbounded ? limit : shareOf(limit, id, self, gateways());
  }

  #readingOf([hour, burst, user]: readonly LocalLimit[]): Reading {
    const atMs = this.#nowMs();
    const used = (local: LocalLimit) => local.limit - Math.max(0, local.share - usedOf(local));
    const resetAtMs = (local: LocalLimit) => (local.share === 0 ? atMs + NO_SHARE_RETRY_MS : resetOf(local));
    return {
      atMs,
      heardAtMs: this.#options.clock.monotonic(),
      hourUsed: used(hour as LocalLimit),
      hourResetAtMs: resetAtMs(hour as LocalLimit),
      burstUsed: used(burst as LocalLimit),
      burstResetAtMs: resetAtMs(burst as LocalLimit),
      userUsed: user ? used(user) : 0,
      userResetAtMs: user ? resetAtMs(user) : 0,
    };
  }

  #nowMs(): number {
    return Math.floor(this.#epochMs + this.#options.clock.monotonic());
  }
}

function setAside(count: number, shape: WindowShape, nowMs: number): SlidingWindow | undefined {
  if (count <= 0) return undefined;
  const aside = new SlidingWindow(shape, nowMs);
  aside.add(count);
  return aside;
}

function usedOf({ window, aside }: LocalLimit): number {
  return window.used + (aside?.used ?? 0);
}

/** When there is more to use: as soon as either part leaves its window. */
function resetOf({ share, window, aside }: LocalLimit): number {
  const ofWindow = window.resetAtMs(share - (aside?.used ?? 0));
  return aside ? Math.min(ofWindow, aside.resetAtMs(share - window.used)) : ofWindow;
}
