/**
 * Pages of the log by each filter and by each two of them, the newest, deep ones and the oldest first, through the gRPC
 * interface of a real service: a million rows, with --full ten million, with --quick a hundred thousand.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServiceClient, type ServiceClient, services, toTimestamp } from '@hokusai/contracts';
import type { EventFilter } from '@hokusai/contracts/gen/audit/v1/EventFilter';
import {
  createPostgresServer,
  eventually,
  freePort,
  grpcCallers,
  grpcToken,
  type TestDatabase,
} from '@hokusai/testing';
import pg from 'pg';
import type { Extent } from '../lib/extent.ts';
import { atMost } from '../lib/report.ts';
import type { Results } from '../lib/results.ts';
import { startService } from '../lib/service-process.ts';
import { quantilesOf, timed } from '../lib/statistics.ts';

type AuditClient = ServiceClient<typeof services.audit>;

const SEED = join(import.meta.dirname, 'queries-seed.sql');
const LIMIT_MS = 50;
const PAGE_SIZE = 100;
const WARM_UPS = 5;
/** Enough for five of them to be above the quantile: with fewer, one pause of the machine would be taken for the page. */
const ROUNDS = 100;
const DAY_MS = 24 * 60 * 60 * 1000;
const ADMIN = {
  actingKeyId: '',
  actingUserId: uuidOf('user', 3),
  isAdmin: true,
  requestId: '',
  clientIp: '',
};
const MEMBER = { ...ADMIN, isAdmin: false };

/** Each by a number, so that no two questions in a row are the same. */
const FILTERS: Readonly<Record<string, (round: number) => EventFilter>> = {
  actor: (round) => ({ actorUserId: uuidOf('user', (round * 7) % 200) }),
  key: (round) => ({ keyId: uuidOf('key', (round * 37) % 1000) }),
  target: (round) => ({ targetId: uuidOf('key', (round * 41) % 1000) }),
  action: (round) => ({ action: round % 2 === 0 ? 'key.created' : 'auth.refused' }),
  'rare action': () => ({ action: 'user.disabled' }),
  outcome: () => ({ outcome: 'refused' }),
  address: (round) => ({ clientIp: `198.51.${(round * 3) % 20}.${(round * 11) % 250}` }),
  request: (round) => ({ requestId: `request-${round * 1009 + 1}` }),
  period: (round) => {
    const from = Date.now() - (round + 40) * 5 * DAY_MS;
    return { from: toTimestamp(new Date(from)), to: toTimestamp(new Date(from + DAY_MS)) };
  },
};

export async function measureQueries({ isQuick, isFull }: Extent, results: Results): Promise<void> {
  const count = sizeOf(isQuick, isFull);
  await using postgres = await createPostgresServer({ isDurable: true });
  await using database = await postgres.createDatabase('audit');
  process.stderr.write(`making ${count} events …\n`);
  await seed(database, count);
  const { service, audit } = await start(database);
  try {
    const pages: { what: string; p95: number }[] = [];
    for (const [what, filter] of questions()) {
      for (const [where, ask] of pagesOf(audit, filter)) {
        const p95 = await measure(ask);
        pages.push({ what: `${what}, ${where}`, p95 });
      }
    }
    const slowest = pages.toSorted((one, other) => other.p95 - one.p95);
    const of = `of ${count} rows`;
    results.row(`kinds of pages ${of}`, slowest.length, '');
    results.row(`within ${LIMIT_MS} ms at p95`, slowest.filter(({ p95 }) => p95 <= LIMIT_MS).length, '');
    for (const { what, p95 } of slowest.slice(0, 5)) results.row(`${what}, p95`, p95, 'ms');
    results.target(atMost(`slowest page ${of}, p95 in ms`, LIMIT_MS, slowest[0]?.p95 ?? Number.NaN));
  } finally {
    audit.close();
    await service.stop();
  }
}

function sizeOf(isQuick: boolean, isFull: boolean): number {
  if (isFull) return 10_000_000;
  return isQuick ? 100_000 : 1_000_000;
}

/** All rows, each filter, and each two of them. */
function* questions(): Generator<[what: string, filter: (round: number) => EventFilter]> {
  yield ['everything', () => ({})];
  const filters = Object.entries(FILTERS);
  for (const [index, [name, filter]] of filters.entries()) {
    yield [name, filter];
    for (const [other, second] of filters.slice(index + 1))
      if (!name.endsWith('action') || !other.endsWith('action'))
        yield [`${name} and ${other}`, (round) => ({ ...filter(round), ...second(round) })];
  }
}

function* pagesOf(
  audit: AuditClient,
  filter: (round: number) => EventFilter,
): Generator<[where: string, ask: (round: number) => Promise<unknown>]> {
  const page = (round: number) => ({ filter: filter(round), pageSize: PAGE_SIZE });
  yield ['first page', (round) => audit.call('ListEvents', { reader: ADMIN, ...page(round) })];
  yield ["a member's", (round) => audit.call('ListEvents', { reader: MEMBER, ...page(round) })];
  yield [
    'oldest first',
    (round) => audit.call('ListEvents', { reader: ADMIN, ...page(round), oldestFirst: true }),
  ];
  // One after the other, deeper with each; after the last page from the first one on.
  let cursor = '';
  yield [
    'page after page',
    async () => {
      ({ nextCursor: cursor } = await audit.call('ListEvents', { reader: ADMIN, ...page(1), cursor }));
    },
  ];
}

async function measure(ask: (round: number) => Promise<unknown>): Promise<number> {
  for (let round = 0; round < WARM_UPS; round += 1) await ask(round);
  const samples: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) samples.push(await timed(() => ask(round)));
  return quantilesOf(samples).p95;
}

/** As in the seed. */
function uuidOf(kind: string, number: number): string {
  const hex = createHash('md5').update(`${kind} ${number}`).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

async function seed({ adminUrl }: TestDatabase, count: number): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query(
      `create function uuid_of(kind text, number int) returns uuid language sql immutable
       return md5(kind || ' ' || number)::uuid`,
    );
    await client.query((await readFile(SEED, 'utf8')).replaceAll(':count', String(count)));
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

/** The event bus is away, which the service has to bear. */
async function start(database: TestDatabase) {
  const port = await freePort();
  const env = {
    AUDIT_DATABASE_URL: database.url,
    NATS_URL: 'nats://audit:none@127.0.0.1:9',
    AUDIT_GRPC_PORT: String(port),
    AUDIT_GRPC_CALLERS: grpcCallers(services.audit),
    HEALTH_PORT: String(await freePort()),
    LOG_LEVEL: 'error',
  };
  const service = await startService('audit', env, { readyUrl: null });
  const audit = createServiceClient(services.audit, {
    peer: 'audit service',
    address: `127.0.0.1:${port}`,
    timeoutMs: 60_000,
    token: grpcToken,
  });
  await eventually(() => audit.call('ListEvents', { reader: ADMIN, pageSize: 1 }), { timeoutMs: 60_000 });
  return { service, audit };
}
