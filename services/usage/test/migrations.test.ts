import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { migrate, type Pool } from '@hokusai/service-kit';
import { createDatabase } from '@hokusai/testing';
import { rollAll } from './support/rolling.ts';
import { announced, poolOf, received, storedSequences, storeOn, upTo } from './support/usage-database.ts';
import { announcementOf, batchOf } from './support/usage-events.ts';

const directory = fileURLToPath(new URL('../migrations', import.meta.url));

describe('usage migrations', () => {
  it('run up by replicas at the same time, down on data, and up again', async function () {
    this.timeout(120_000);
    await using database = await createDatabase('usage', { migrate: false });
    const options = { ownerUrl: database.ownerUrl, directory, serviceRole: 'hokusai_usage' };
    const up = () => migrate({ ...options, direction: 'up' });
    const ran = await Promise.all([up(), up(), up()]);
    assert.equal(ran.filter((names) => names.length > 0).length, 1);
    const [count] = ran.map((names) => names.length).filter((length) => length > 0);

    const pool = poolOf(database.url);
    try {
      const store = async () => {
        const incarnation = randomUUID();
        await storeOn(pool).ingest([received(batchOf(incarnation, 1, 3))]);
        assert.deepEqual(await storedSequences(pool, incarnation), [1, 2, 3]);
      };
      await store();
      await migrate({ ...options, direction: 'down', count: count as number });
      const { rows } = await pool.query(
        "select count(*) as tables from pg_tables where schemaname = 'public'",
      );
      assert.equal(rows[0].tables, '1', 'only the list of migrations stays');
      await up();
      await store();
    } finally {
      await pool.end();
    }
  });

  it('take nothing away that a schema without them holds too, one after the other down and up', async function () {
    this.timeout(120_000);
    await using database = await createDatabase('usage', { migrate: false });
    const options = { ownerUrl: database.ownerUrl, directory, serviceRole: 'hokusai_usage' };
    const names = await migrate({ ...options, direction: 'up' });
    const [pool, admin] = [poolOf(database.url), poolOf(database.adminUrl)];
    try {
      const incarnation = await storeOfEachKind(pool);
      const answers = await sumsOf(pool);
      for (const name of names.slice(1).toReversed()) {
        const before = await everything(admin);
        assert.deepEqual(await migrate({ ...options, direction: 'down', count: 1 }), [name]);
        assert.deepEqual(lostBetween(before, await everything(admin)), [], `without ${name}`);
      }
      for (const name of names.slice(1)) {
        const before = await everything(admin);
        assert.deepEqual(await migrate({ ...options, direction: 'up', count: 1 }), [name]);
        assert.deepEqual(lostBetween(before, await everything(admin)), [], `with ${name}`);
      }
      assert.deepEqual(await storedSequences(pool, incarnation), upTo(5));
      await rollAll(pool);
      assert.deepEqual(await sumsOf(pool), answers);
    } finally {
      await Promise.all([pool.end(), admin.end()]);
    }
  });
});

/** Requests of a known key, refusals, and what a gateway process and its key say of themselves; rolled up. */
async function storeOfEachKind(pool: Pool): Promise<string> {
  const incarnation = randomUUID();
  const refusals = [{ minute: new Date().toISOString(), reason: 'no_key', client_ip: '192.0.2.9', count: 3 }];
  const batch = batchOf(incarnation, 1, 5, {}, refusals);
  const store = storeOn(pool);
  await store.ingest([announced(announcementOf(incarnation, 'opened')), received(batch)]);
  await store.ingest([announced(announcementOf(incarnation, 'closed', { assigned: 5, flushed: 5 }))]);
  await rollAll(pool);
  return incarnation;
}

type Rows = Readonly<Record<string, unknown>>[];

/** Rows of all tables by their names; partitions' are their parents'. */
async function everything(admin: Pool): Promise<Record<string, Rows>> {
  const { rows: tables } = await admin.query<{ name: string }>(
    `select relname as name from pg_class where relnamespace = 'public'::regnamespace
     and relkind in ('r', 'p') and not relispartition and relname <> 'schema_migrations'`,
  );
  const all: Record<string, Rows> = {};
  for (const { name } of tables) all[name] = (await admin.query(`select * from ${name}`)).rows;
  return all;
}

/** What was in a table that both have, as far as its columns are there still, and is not there any more. */
function lostBetween(before: Record<string, Rows>, after: Record<string, Rows>): string[] {
  return Object.entries(after).flatMap(([table, rows]) => {
    const columns = Object.keys(rows[0] ?? {});
    const textOf = (row: Rows[number], names: readonly string[]) =>
      `${table}: ${JSON.stringify(names.map((name) => [name, row[name]]))}`;
    return (before[table] ?? []).flatMap((row) => {
      const common = rows.length === 0 ? Object.keys(row) : columns.filter((name) => name in row);
      const kept = new Set(rows.map((one) => textOf(one, common)));
      return kept.has(textOf(row, common)) ? [] : [textOf(row, common)];
    });
  });
}

/** Of all requests, per minute and by reason of refusal, as they are answered. */
async function sumsOf(pool: Pool): Promise<unknown> {
  const { rows } = await pool.query(
    'select start, requests, successful, bytes_in, bytes_out, refusals, latency_counts from total_usage_minutes order by 1',
  );
  assert.ok(rows.length > 0);
  return rows;
}
