/** A broker, a database that keeps what it has committed, the usage service between them, and publishers. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CONSUMERS, services } from '@hokusai/contracts';
import {
  consumerBacklog,
  createNats,
  createPostgresServer,
  eventually,
  freePort,
  grpcCallers,
  type TestServer,
} from '@hokusai/testing';
import { startProcess } from '../lib/processes.ts';
import { type Counts, committedOf, countsOf } from './stored.ts';
import { startUsageService, type UsageProcess } from './usage-process.ts';

export interface Publishing {
  /** Resolves when the first of it is committed. */
  begun: Promise<void>;
  /** How much of it is committed by now. */
  committed(): Promise<number>;
  /** Resolves when everything is published, and settled one way or the other. */
  settled(): Promise<Counts>;
}

export interface IngestSetting {
  nats: TestServer;
  postgres: TestServer;
  service: UsageProcess;
  /** Starts publishers that offer so many events a second between them. */
  publish(eventsPerSecond: number, seconds: number): Publishing;
}

const PUBLISHERS = 2;
const PUBLISHER = join(import.meta.dirname, 'publisher.ts');
/** Several times as long as the broker waits for the acknowledgement of what a killed service held. */
const SETTLE_LIMIT_MS = 150_000;

export async function startIngestSetting(): Promise<IngestSetting> {
  const [postgres, nats] = await Promise.all([createPostgresServer({ isDurable: true }), createNats()]);
  const database = await postgres.createDatabase('usage');
  const service = await startUsageService({
    USAGE_DATABASE_URL: database.url,
    NATS_URL: nats.urls.usage,
    USAGE_GRPC_PORT: String(await freePort()),
    USAGE_GRPC_CALLERS: grpcCallers(services.usage),
    HEALTH_PORT: String(await freePort()),
    LOG_LEVEL: 'warn',
  });
  const isSettled = async () => {
    if ((await consumerBacklog(nats.urls.admin, CONSUMERS.usageIngest)) > 0)
      throw new Error('the service has not settled all messages');
  };
  const publish = (eventsPerSecond: number, seconds: number): Publishing => {
    const incarnations = Array.from({ length: PUBLISHERS }, () => randomUUID());
    const rate = String(eventsPerSecond / PUBLISHERS);
    const published = Promise.all(
      incarnations.map((incarnation) =>
        runPublisher([nats.urls.gateway, incarnation, rate, String(seconds)]),
      ),
    );
    const committed = () => committedOf(database.url, incarnations);
    const begun = eventually(async () => {
      if ((await committed()) === 0) throw new Error('nothing is committed');
    });
    return {
      begun,
      committed,
      settled: async () => {
        const assigned = await published;
        await eventually(isSettled, { timeoutMs: SETTLE_LIMIT_MS, intervalMs: 500 });
        return await countsOf(
          database.url,
          incarnations.map((incarnation, index) => ({ incarnation, assigned: assigned[index] ?? 0 })),
        );
      },
    };
  };
  return { nats, postgres, service, publish };
}

/** Resolves, at its end, with how many requests it has numbered. */
async function runPublisher(args: readonly string[]): Promise<number> {
  const child = startProcess([process.execPath, PUBLISHER, ...args], { isRead: true });
  const ended = once(child, 'exit');
  const output = await text(child.stdout as NodeJS.ReadableStream);
  await ended;
  if (child.exitCode !== 0) throw new Error('a publisher has failed');
  return Number(output);
}
