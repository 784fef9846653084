/** Limiters as gateways have them, each with a connection of its own, that tell what they do. */
import { createLogger, createRedis, systemClock } from '@hokusai/service-kit';
import type { Clock } from '../../src/domain/elapsed.ts';
import type { KeyState } from '../../src/domain/key-state.ts';
import type { NearQuota } from '../../src/domain/ports.ts';
import type { LossPolicy, Standing } from '../../src/domain/rate-limits.ts';
import { createLimits, type Limits } from '../../src/limits/index.ts';
import { decisionScriptAt } from '../../src/limits/script.ts';

export interface TestLimitsOptions {
  url: string;
  self?: string;
  onRedisLoss?: LossPolicy;
  timeoutMs?: number;
  clock?: Clock;
  /** Redis's clock, ms since the epoch; its own if absent. */
  redisNowMs?: () => number;
}

export interface TestLimits extends Limits {
  near: { keyId: string; quota: NearQuota }[];
  /** Script calls about keys so far. */
  callCount(): number;
  log: string[];
  /** Asks for `count` requests at once; answers how many were admitted. */
  admit(state: KeyState, count: number): Promise<number>;
  /** As of one that is killed: nothing is said to anybody. */
  kill(): void;
}

export async function startLimits(options: TestLimitsOptions): Promise<TestLimits> {
  const { url, self = 'g1', onRedisLoss = 'local-share', timeoutMs = 5000, clock = systemClock } = options;
  const { redisNowMs } = options;
  const near: TestLimits['near'] = [];
  const log: string[] = [];
  const redis = createRedis({ url, onError: () => {} });
  let callCount = 0;
  const evalsha = redis.evalsha.bind(redis);
  redis.evalsha = (...args: unknown[]) => {
    if (String(args[2]).includes(':key:')) callCount += 1;
    return Reflect.apply(evalsha, redis, args);
  };
  const limits = createLimits({
    ...{ redis, self, onRedisLoss, timeoutMs, clock },
    quota: { near: (state, quota) => near.push({ keyId: state.keyId, quota }) },
    logger: createLogger({
      service: 'gateway',
      level: 'trace',
      destination: { write: (line) => log.push(line) },
    }),
    ...(redisNowMs && { script: { script: decisionScriptAt, args: () => [redisNowMs()] } }),
  });
  await limits.start();
  return {
    charge: (state) => limits.charge(state),
    known: (state) => limits.known(state),
    start: () => limits.start(),
    counts: () => limits.counts(),
    gateways: () => limits.gateways(),
    near,
    log,
    callCount: () => callCount,
    admit: async (state, count) => {
      const standings = await Promise.all(Array.from({ length: count }, () => limits.charge(state)));
      return standings.filter(({ verdict }) => verdict === 'admitted').length;
    },
    kill: () => redis.disconnect(),
    close: async () => {
      await limits.close();
      redis.disconnect();
    },
  };
}

/** What the headers say is left of a policy. */
export function restOf(standing: Standing, policy: 'hour' | 'burst' | 'user' = 'hour'): number {
  const headers = standing.headers();
  const value = headers[headers.indexOf('RateLimit') + 1] ?? '';
  return Number(new RegExp(`"${policy}";r=(\\d+)`).exec(value)?.[1]);
}
