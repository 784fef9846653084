/**
 * Questions about a month of a thousand keys, through the gRPC interface of a real usage service that has rolled up
 * what it stores: a million requests, with --full ten million, with --quick a hundred thousand.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createServiceClient, services, toTimestamp } from '@hokusai/contracts';
import type { UsageFilter } from '@hokusai/contracts/gen/usage/v1/UsageFilter';
import { createPostgresServer, freePort, grpcCallers, grpcToken, type TestDatabase } from '@hokusai/testing';
import pg from 'pg';
import type { Extent } from '../lib/extent.ts';
import { atMost } from '../lib/report.ts';
import type { Results } from '../lib/results.ts';
import { startService as startServiceProcess } from '../lib/service-process.ts';
import { quantilesOf, timed } from '../lib/statistics.ts';

const SEED = join(import.meta.dirname, 'queries-seed.sql');
const KEY_LIMIT_MS = 50;
const EVERYTHING_LIMIT_MS = 200;
const MONTH_MS = 30 * 24 * 60 * 60 * 1000;
const WARM_UPS = 5;
const MEMORY_LIMIT_MIB = 256;
const MIB = 1024 * 1024;
const READER = { actingKeyId: '', actingUserId: '5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11', isAdmin: true };

interface Question {
  name: string;
  rounds: number;
  limitMs?: number;
  ask: (round: number) => Promise<unknown>;
}

export async function measureQueries({ isQuick, isFull }: Extent, results: Results): Promise<void> {
  const count = sizeOf(isQuick, isFull);
  await using postgres = await createPostgresServer({ isDurable: true });
  await using database = await postgres.createDatabase('usage');
  process.stderr.write(`making ${count} requests …\n`);
  await onDatabase(database, async (client) => {
    await client.query((await readFile(SEED, 'utf8')).replaceAll(':count', String(count)));
    await client.query('vacuum analyze api_key_usage');
  });
  const { service, usage } = await startService(database);
  try {
    const rollingMs = await timed(() => rolledUp(database));
    results.row(`rolling up ${count} requests from nothing`, (count * 1000) / rollingMs, 'requests/s');
    const keyIds = await busyAndQuietKeys(database);
    for (const question of questionsOf(usage, keyIds)) await measure(question, count, results);
    const peak = service.peakResidentBytes() / MIB;
    results.target(atMost('memory of the usage service at its peak, in MiB', MEMORY_LIMIT_MIB, peak));
  } finally {
    usage.close();
    await service.stop();
  }
}

function sizeOf(isQuick: boolean, isFull: boolean): number {
  if (isFull) return 10_000_000;
  return isQuick ? 100_000 : 1_000_000;
}

function questionsOf(
  usage: Awaited<ReturnType<typeof startService>>['usage'],
  keyIds: readonly string[],
): Question[] {
  const month = (filter: UsageFilter = {}) => ({
    reader: READER,
    // Neither edge is that of a rollup: there the requests themselves are asked.
    filter: {
      ...filter,
      from: toTimestamp(new Date(Date.now() - MONTH_MS + 1)),
      to: toTimestamp(new Date()),
    },
  });
  const ofKey = (round: number) => month({ keyId: keyIds[round % keyIds.length] as string });
  const inBerlin = { granularity: 'GRANULARITY_DAY', timeZone: 'Europe/Berlin' } as const;
  return [
    {
      name: 'a month of one key',
      rounds: 300,
      limitMs: KEY_LIMIT_MS,
      ask: (round) => usage.call('GetSummary', ofKey(round)),
    },
    {
      name: 'a month of everything',
      rounds: 100,
      limitMs: EVERYTHING_LIMIT_MS,
      ask: () => usage.call('GetSummary', month()),
    },
    {
      name: 'a month of one key by days of Berlin',
      rounds: 50,
      ask: (round) => usage.call('GetTimeSeries', { ...ofKey(round), ...inBerlin }),
    },
    {
      name: 'a month of everything by days of Berlin',
      rounds: 20,
      ask: () => usage.call('GetTimeSeries', { ...month(), ...inBerlin }),
    },
    {
      name: 'endpoints of a month, slowest first',
      rounds: 20,
      ask: () => usage.call('ListEndpoints', { ...month(), order: 'ENDPOINT_ORDER_SLOWEST' }),
    },
    {
      name: 'top keys of a month',
      rounds: 20,
      ask: () => usage.call('ListTop', { ...month(), dimension: 'TOP_DIMENSION_KEY' }),
    },
    {
      name: 'keys unused for a day',
      rounds: 20,
      ask: () => usage.call('ListUnusedKeys', { reader: READER, unusedFor: { seconds: '86400' } }),
    },
  ];
}

async function measure(
  { name, rounds, limitMs, ask }: Question,
  count: number,
  results: Results,
): Promise<void> {
  for (let round = 0; round < WARM_UPS; round++) await ask(round);
  const samples: number[] = [];
  for (let round = 0; round < rounds; round++) samples.push(await timed(() => ask(round)));
  const { p50, p95 } = quantilesOf(samples);
  const what = `${name}, of ${count} requests`;
  results.row(`${what}, p50`, p50, 'ms');
  results.row(`${what}, p95`, p95, 'ms');
  if (limitMs !== undefined) results.target(atMost(`${what}, p95 in ms`, limitMs, p95));
}

/** The event bus is away, which the service has to bear. */
async function startService(database: TestDatabase) {
  const port = await freePort();
  const env = {
    USAGE_DATABASE_URL: database.url,
    NATS_URL: 'nats://usage:none@127.0.0.1:9',
    USAGE_GRPC_PORT: String(port),
    USAGE_GRPC_CALLERS: grpcCallers(services.usage),
    HEALTH_PORT: String(await freePort()),
    LOG_LEVEL: 'error',
  };
  const service = await startServiceProcess('usage', env, { readyUrl: null });
  const usage = createServiceClient(services.usage, {
    peer: 'usage service',
    address: `127.0.0.1:${port}`,
    timeoutMs: 60_000,
    token: grpcToken,
  });
  return { service, usage };
}

/** Resolves when all that is over is rolled up. */
async function rolledUp(database: TestDatabase): Promise<void> {
  await onDatabase(database, async (client) => {
    for (;;) {
      const { rows } = await client.query<{ left: boolean }>(
        `select exists (select from usage_dirty_minutes where minute < now() - interval '2 minutes')
           or exists (select from usage_claimed_minutes)
           or exists (select from usage_stale_hours where start < now() - interval '2 hours')
           or exists (select from usage_stale_days where start < now() - interval '2 days') as left`,
      );
      if (!rows[0]?.left) return;
      await pause(200);
    }
  });
}

/** Some of those with the most and the fewest requests. */
async function busyAndQuietKeys(database: TestDatabase): Promise<string[]> {
  return await onDatabase(database, async (client) => {
    await client.query('vacuum analyze');
    const { rows } = await client.query<{ id: string }>(
      'select api_key_id as id from key_usage_days group by 1 order by sum(requests) desc',
    );
    return [...rows.slice(0, 25), ...rows.slice(-25)].map(({ id }) => id);
  });
}

async function onDatabase<Result>(
  { ownerUrl }: TestDatabase,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
