/** Authentication as a gateway has it, over real gRPC and Redis, for tests. */
import { randomBytes, randomUUID } from 'node:crypto';
import { createServiceClient, services } from '@hokusai/contracts';
import type { TagRing } from '@hokusai/key-format';
import { createRedis, systemClock } from '@hokusai/service-kit';
import { grpcToken } from '@hokusai/testing';
import {
  type Authentication,
  type AuthenticationSettings,
  createAuthentication,
} from '../../src/cache/index.ts';
import { silentLogger } from './silent-logger.ts';

export interface AuthenticationTestOptions {
  /** `host:port` of a keys service. */
  keys: string;
  redisUrl: string;
  tagRing?: TagRing;
  /** Where they differ from those of a service. */
  settings?: Partial<AuthenticationSettings>;
  keysTimeoutMs?: number;
  /** Of a command. */
  redisTimeoutMs?: number;
}

export interface TestAuthentication extends Authentication {
  incarnation: string;
  /** That of an authentication, and of what it talks by. */
  close(): Promise<void>;
}

/** Of all gateways of a test: they share what one of them has sealed. */
const CACHE_RING = [{ id: 'a', secret: randomBytes(32) }];

/** Not started yet. */
export function openAuthentication(options: AuthenticationTestOptions): TestAuthentication {
  const { keys: address, redisUrl, tagRing = [], settings } = options;
  const { keysTimeoutMs: timeoutMs = 10_000, redisTimeoutMs = 5000 } = options;
  const incarnation = randomUUID();
  const peer = { peer: 'keys service', address, timeoutMs, token: grpcToken };
  const keysClient = createServiceClient(services.keyValidation, peer);
  const redis = createRedis({ url: redisUrl, onError: () => {} });
  const authentication = createAuthentication({
    keysClient,
    redis,
    tagRing,
    cacheRing: CACHE_RING,
    clock: systemClock,
    logger: silentLogger,
    settings: {
      incarnation,
      gateway: 'test',
      redisTimeoutMs,
      stateTtlMs: 300_000,
      negativeTtlMs: 10_000,
      followStaleMs: 5000,
      outageGraceMs: 60_000,
      ...settings,
    },
  });
  return {
    ...authentication,
    incarnation,
    close: async () => {
      await authentication.close();
      keysClient.close();
      redis.disconnect();
    },
  };
}
