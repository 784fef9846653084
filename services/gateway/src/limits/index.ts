/** Rate limits: the decisions, and what keeps them going in the background. */
import {
  type Clock,
  type Logger,
  type RedisClient,
  redisNodeOf,
  sendTogether,
  settleWithin,
} from '@hokusai/service-kit';
import type { QuotaReporter, RateLimiter } from '../domain/ports.ts';
import type { LossPolicy } from '../domain/rate-limits.ts';
import { type LimitCounts, newLimitCounts } from './counts.ts';
import { Limiter } from './limiter.ts';
import { LocalLimits } from './local-limits.ts';
import { Records } from './records.ts';
import { Roster } from './roster.ts';
import { type Script, scriptOf } from './script.ts';
import { ScriptCalls, type ScriptRedis } from './script-calls.ts';
import { type Shard, Shards } from './shards.ts';

export interface LimitsOptions {
  /** For nothing else: calls are given up by their own time-out, and late answers still read. */
  redis: RedisClient;
  /** An answer is waited for so long. */
  timeoutMs: number;
  onRedisLoss: LossPolicy;
  /** This process, new at each start. */
  self: string;
  quota: QuotaReporter;
  clock: Clock;
  logger: Logger;
  /** For tests: the script by another clock, and its further arguments. */
  script?: { script: Script; args: () => readonly number[] };
}

export interface Limits extends RateLimiter {
  /** Resolves when Redis is there, or does not come. */
  start(): Promise<void>;
  /** Takes this process off the list of those that share the limits. */
  close(): Promise<void>;
  counts(): Readonly<LimitCounts>;
  /** All processes that share the limits, this one among them, as of the last time that Redis was there. */
  gateways(): readonly string[];
}

/** Keys and owners that are known at a time: some 50 MB if all of them are. */
const MAX_RECORDS = 50_000;
/** A start waits for Redis so long, so that the first requests are decided there already. */
const READY_LIMIT_MS = 1000;
const TICK_MS = 500;
const SIGN_EVERY_TICKS = 2;
/** Redis is busy with so many for some 20 ms, in which requests wait. */
const SETTLED_AT_ONCE = 500;

/** Writes, since a Redis that only reads (its disk or memory full, or a replica by now) can't charge anything. */
const PROBE = scriptOf("return redis.call('SET', KEYS[1], '', 'PX', 1000)");

export function createLimits(options: LimitsOptions): Limits {
  return new RunningLimits(options);
}

class RunningLimits implements Limits {
  readonly #options: LimitsOptions;
  readonly #counts = newLimitCounts();
  readonly #records = new Records(MAX_RECORDS);
  readonly #shards: Shards;
  readonly #calls: ScriptCalls;
  readonly #roster: Roster;
  readonly #local: LocalLimits;
  readonly #limiter: Limiter;
  #timer: NodeJS.Timeout | undefined;
  #ticks = 0;
  /** Monotonic. */
  #flushedAtMs = Number.NEGATIVE_INFINITY;

  readonly charge: RateLimiter['charge'];
  readonly known: RateLimiter['known'];

  constructor(options: LimitsOptions) {
    const { redis, timeoutMs, onRedisLoss: policy, self, quota, clock } = options;
    this.#options = options;
    this.#shards = new Shards((redisKey) => redisNodeOf(redis, redisKey));
    this.#calls = new ScriptCalls(redis as ScriptRedis, timeoutMs, clock);
    this.#roster = new Roster({
      calls: this.#calls,
      self,
      clock,
      onFlush: (heldAtMs) => this.#noteFlush(heldAtMs),
    });
    this.#local = new LocalLimits({ policy, self, gateways: () => this.#roster.gateways(), clock });
    this.#limiter = new Limiter({
      records: this.#records,
      calls: this.#calls,
      shards: this.#shards,
      counts: this.#counts,
      policy,
      quota,
      clock,
      local: this.#local,
      sendTogether: (send) => sendTogether(redis, send),
      onLoss: (shard, error) => this.#noteLoss(shard, error),
      onMissing: (heldAtMs) => this.#noteFlush(heldAtMs),
      ...(options.script && { script: options.script }),
    });
    this.charge = (state) => this.#limiter.charge(state);
    this.known = (state) => this.#limiter.known(state);
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
    const { redis } = this.#options;
    const { promise: ready, resolve } = Promise.withResolvers<void>();
    redis.on('ready', () => {
      this.#tick();
      resolve();
    });
    if (redis.status !== 'ready') await settleWithin(ready, READY_LIMIT_MS);
    await this.#roster.sign();
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#roster.leave();
    this.#calls.close();
  }

  counts(): Readonly<LimitCounts> {
    return { ...this.#counts };
  }

  gateways(): readonly string[] {
    return this.#roster.gateways();
  }

  #tick(): void {
    if (this.#ticks % SIGN_EVERY_TICKS === 0) void this.#roster.sign();
    this.#ticks += 1;
    for (const shard of this.#shards.lost()) this.#probe(shard);
    this.#settle();
  }

  /** Has a lost server write beside something that is kept there; it is back when it answers in time. */
  #probe(shard: Shard): void {
    if (shard.isProbed) return;
    shard.isProbed = true;
    this.#calls.send({
      script: PROBE,
      keys: [`${shard.sample}:probe`],
      args: [],
      onReply: (_reply, isLate) => {
        if (isLate) return this.#probe(shard);
        shard.isProbed = false;
        if (shard.isUp) return;
        shard.isUp = true;
        const { withoutRedis } = this.#counts;
        const what = { shard: shard.name, withoutRedis };
        this.#options.logger.info(what, 'Redis is back: limits are exact again');
      },
      onFailure: () => {
        shard.isProbed = false;
      },
    });
  }

  /** Charges what was admitted without Redis, some at a time; the rest follows, or goes with the next request. */
  #settle(): void {
    let count = 0;
    for (const record of this.#local.indebted) {
      if (!this.#shards.of(record.keyName).isUp || record.debt?.isSent) continue;
      this.#limiter.settle(record);
      count += 1;
      if (count === SETTLED_AT_ONCE) return;
    }
  }

  #noteLoss(shard: Shard, error: Error): void {
    const { logger, onRedisLoss: policy } = this.#options;
    this.#counts.losses += 1;
    logger.warn({ err: error, shard: shard.name, policy }, 'Redis is away: limits are decided without it');
  }

  /** Everything that Redis held before one flush is lost by that one. */
  #noteFlush(heldAtMs: number): void {
    const { clock, logger } = this.#options;
    if (heldAtMs <= this.#flushedAtMs) return;
    this.#flushedAtMs = clock.monotonic();
    this.#counts.flushes += 1;
    this.#records.forgetRefusals();
    logger.warn('Redis has lost what it had counted: up to one limit more may be admitted');
  }
}
