/** What each filter of the list of keys finds, and what it looks at, on real Postgres with keys of three years. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { SCOPES } from '@hokusai/contracts/scopes';
import { createDatabase, type TestDatabase } from '@hokusai/testing';
import fc from 'fast-check';
import pg from 'pg';
import { standingOf } from '../src/domain/key.ts';
import type { ListQuery } from '../src/domain/listing.ts';
import { listStatement } from '../src/storage/list-statement.ts';

const seed = readFileSync(fileURLToPath(new URL('../../../bench/keys/seed.sql', import.meta.url)), 'utf8');
const DAY_MS = 24 * 60 * 60 * 1000;

interface Row {
  id: string;
  user_id: string;
  name: string;
  environment: string;
  scopes: string[];
  created_at: Date;
  last_used_at: Date | null;
  expires_at: Date | null;
  is_active: boolean;
  revoked_at: Date | null;
}

describe('filters of the list of keys', function () {
  this.timeout(180_000);
  let database: TestDatabase;
  let client: pg.Client;
  let now: Date;

  const nothing = () => ({
    ...{ ownerId: null, userId: '', standing: null, environment: null, scope: '', nameContains: '' },
    ...{ unusedSince: null, expiresBefore: null, after: null, limit: 50, now },
  });
  const inDays = (days: number) => new Date(now.getTime() + days * DAY_MS);

  async function open(count: number) {
    database = await createDatabase('keys');
    client = new pg.Client({ connectionString: database.ownerUrl });
    await client.connect();
    await client.query(seed.replaceAll(':count', String(count)));
    now = new Date();
  }

  afterEach(async () => {
    await client.end();
    await database.close();
  });

  it('find the keys that match, newest first, from any place on', async () => {
    await open(3000);
    await client.query(
      "update api_keys set expires_at = now() - interval '1 day' where is_active and key_digest < '\\x20'",
    );
    const { rows } = await client.query<Row>('select * from api_keys order by created_at desc, id desc');
    const positions = rows.map(({ created_at, id }) => ({ createdAt: created_at, id }));
    const expected = (query: ListQuery) =>
      rows.filter((row) => matches(row, query)).slice(0, query.limit + 1);
    const time = fc
      .oneof(fc.integer({ min: -1200, max: 800 }), fc.integer({ min: -30, max: 30 }))
      .map((days) => inDays(days));
    const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: null });
    const users = rows.map(({ user_id }) => user_id);
    const names = [
      'vision',
      'sp',
      'zq',
      '1',
      'Training 1',
      'ci',
      'a',
      '12',
      'deploy speech',
      'notebook fraud 23',
      '_',
      ' 7',
    ];
    const queries: fc.Arbitrary<ListQuery> = fc.record({
      ...{ ownerId: fc.option(fc.constantFrom(...users), { nil: null, freq: 9 }), now: fc.constant(now) },
      userId: fc.oneof({ weight: 9, arbitrary: fc.constant('') }, fc.constantFrom(...users)),
      standing: maybe(fc.constantFrom('active', 'expired', 'revoked')),
      environment: maybe(fc.constantFrom('live', 'test')),
      scope: fc.oneof({ weight: 2, arbitrary: fc.constant('') }, fc.constantFrom(...SCOPES)),
      nameContains: fc.oneof({ weight: 2, arbitrary: fc.constant('') }, fc.constantFrom(...names)),
      unusedSince: maybe(time),
      expiresBefore: maybe(time),
      after: maybe(fc.constantFrom(...positions)),
      limit: fc.integer({ min: 1, max: 60 }),
    });
    const property = fc.asyncProperty(queries, async (query) => {
      const found = await client.query<{ id: string }>(listStatement(query));
      assert.deepEqual(
        found.rows.map(({ id }) => id),
        expected(query).map(({ id }) => id),
      );
    });
    await fc.assert(property, { numRuns: 500 });
  });

  it('take any time there is', async () => {
    await open(100);
    const [earliest, latest] = [new Date('0001-01-01T00:00:00Z'), new Date('9999-12-31T23:59:59.999Z')];
    const count = async (query: Partial<ListQuery>) =>
      (await client.query(listStatement({ ...nothing(), limit: 200, ...query }))).rows.length;
    const all = await count({});
    assert.equal(await count({ unusedSince: latest }), all);
    assert.equal(await count({ expiresBefore: earliest }), 0);
    assert.ok((await count({ unusedSince: earliest })) < all / 2);
    assert.ok((await count({ expiresBefore: latest })) > 0);
    assert.ok((await count({ expiresBefore: latest, standing: 'active' })) > 0);
  });

  it('look at some thousands of places at most, however many keys there are and however old those that match', async () => {
    await open(30_000);
    // Nobody keeps a key without using it: what is unused for long is old.
    await client.query('update api_keys set last_used_at = created_at where last_used_at is null');
    await client.query('vacuum analyze api_keys');
    const after = { createdAt: inDays(-800), id: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };
    const cases: Partial<ListQuery>[] = [
      { unusedSince: inDays(-900) },
      { unusedSince: inDays(-900), standing: 'active' },
      { unusedSince: inDays(-900), standing: 'active', scope: 'mlflow:read' },
      { expiresBefore: inDays(-900) },
      { expiresBefore: inDays(14), standing: 'active', after },
      { standing: 'expired', expiresBefore: inDays(-900) },
      { standing: 'expired', after },
      { nameContains: 'nightly training ranking 10007' },
      { nameContains: 'zq' },
    ];
    for (const filter of cases) {
      const { text, values } = listStatement({ ...nothing(), ...filter });
      const explained = await client.query(`explain (analyze, buffers, format json) ${text}`, values);
      const plan = explained.rows[0]['QUERY PLAN'][0].Plan;
      const pages = plan['Shared Hit Blocks'] + plan['Shared Read Blocks'];
      // A walk through all of them takes one or two for each key.
      assert.ok(pages < 1200, `${JSON.stringify(filter)}: ${pages} pages`);
    }
  });

  it('leave updates of the last use in their place', async () => {
    await open(100);
    const moved = async () => {
      // What the session has counted reaches the view after the statement.
      await client.query('select pg_stat_force_next_flush()');
      const { rows } = await client.query(
        "select n_tup_upd - n_tup_hot_upd as moved from pg_stat_user_tables where relname = 'api_keys'",
      );
      return Number(rows[0].moved);
    };
    await client.query("update api_keys set last_used_at = '2026-01-10T00:00:00Z'");
    await client.query('vacuum api_keys');
    const before = await moved();
    await client.query(
      "update api_keys set last_used_at = last_used_at + interval '1 second' where id in (select id from api_keys order by id limit 3)",
    );
    assert.equal(await moved(), before);
  });

  function matches(row: Row, query: ListQuery): boolean {
    const { created_at, is_active, revoked_at, expires_at, last_used_at } = row;
    const key = { isActive: is_active, revokedAt: revoked_at, expiresAt: expires_at };
    const { after } = query;
    return (
      (query.ownerId === null || row.user_id === query.ownerId) &&
      (query.userId === '' || row.user_id === query.userId) &&
      (query.standing === null || standingOf(key, query.now) === query.standing) &&
      (query.environment === null || row.environment === query.environment) &&
      (query.scope === '' || row.scopes.includes(query.scope)) &&
      hasInName(row.name.toLowerCase(), query.nameContains.toLowerCase()) &&
      (query.unusedSince === null || last_used_at === null || last_used_at < query.unusedSince) &&
      (query.expiresBefore === null ||
        (revoked_at === null && expires_at !== null && expires_at < query.expiresBefore)) &&
      (after === null ||
        created_at < after.createdAt ||
        (+created_at === +after.createdAt && row.id < after.id))
    );
  }
});

function hasInName(name: string, part: string): boolean {
  const isShort = /^[a-z0-9]{1,2}$/.test(part);
  return isShort ? new RegExp(`(?:^|[^a-z0-9])${part}`).test(name) : name.includes(part);
}
