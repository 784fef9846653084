/** A broker, a database that keeps what it has committed, the usage service between them, and publishers. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { CONSUMERS, createServiceClient, services } from '@hokusai/contracts';
import {
  consumerBacklog,
  createNats,
  createPostgresServer,
  eventually,
  freePort,
  grpcCallers,
  grpcToken,
  type TestServer,
} from '@hokusai/testing';
import { startProcess } from '../lib/processes.ts';
import { type ServiceProcess, startService } from '../lib/service-process.ts';
import { type Counts, committedOf, countsOf } from './stored.ts';

export interface Publishing {
  /** Resolves when the first of it is committed. */
  begun: Promise<void>;
  /** How much of it is committed by now. */
  committed(): Promise<number>;
  /** Resolves when everything is published, and settled one way or the other. */
  settled(): Promise<Counts>;
}

/** Of all that was published. */
export interface Accounts {
  isComplete: boolean;
  /** Requests that were numbered. */
  assigned: number;
  rolledUp: number;
  /** Requests by the summary. */
  summedUp: number;
}

export interface IngestSetting {
  nats: TestServer;
  postgres: TestServer;
  service: ServiceProcess;
  /** Starts publishers that offer so many events a second between them. */
  publish(eventsPerSecond: number, seconds: number): Publishing;
  /** As the service tells it; resolves when all that is stored is rolled up, or that takes too long. */
  accounts(): Promise<Accounts>;
}

const PUBLISHERS = 2;
const PUBLISHER = join(import.meta.dirname, 'publisher.ts');
/** Several times as long as the broker waits for the acknowledgement of what a killed service held. */
const SETTLE_LIMIT_MS = 150_000;
const ROLL_UP_LIMIT_MS = 300_000;
const READER = { actingKeyId: '', actingUserId: '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11', isAdmin: true };

export async function startIngestSetting(): Promise<IngestSetting> {
  const [postgres, nats] = await Promise.all([createPostgresServer({ isDurable: true }), createNats()]);
  const database = await postgres.createDatabase('usage');
  const grpcPort = await freePort();
  const service = await startService('usage', {
    USAGE_DATABASE_URL: database.url,
    NATS_URL: nats.urls.usage,
    USAGE_GRPC_PORT: String(grpcPort),
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
  return { nats, postgres, service, publish, accounts: () => accountsBy(`127.0.0.1:${grpcPort}`) };
}

async function accountsBy(address: string): Promise<Accounts> {
  const peer = { peer: 'usage service', address, timeoutMs: 60_000, token: grpcToken };
  const usage = createServiceClient(services.usage, peer);
  const ask = async (): Promise<Accounts> => {
    const { complete, incarnations } = await usage.call('GetIntegrity', { reader: READER });
    const { totals } = await usage.call('GetSummary', { reader: READER });
    const sum = (of: 'assigned' | 'rolledUp') => incarnations.reduce((all, one) => all + Number(one[of]), 0);
    const summedUp = Number(totals?.requests);
    return { isComplete: complete, assigned: sum('assigned'), rolledUp: sum('rolledUp'), summedUp };
  };
  const rolledUp = async () => {
    const { assigned, rolledUp } = await ask();
    if (rolledUp < assigned) throw new Error(`${assigned - rolledUp} requests are not rolled up`);
  };
  try {
    // Whatever is missing then, shows in the accounts.
    await eventually(rolledUp, { timeoutMs: ROLL_UP_LIMIT_MS, intervalMs: 1000 }).catch(() => {});
    return await ask();
  } finally {
    usage.close();
  }
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
