import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';
import { migrate } from '@hokusai/service-kit';
import { createDatabase } from '@hokusai/testing';
import { appenderOn, poolOf, verdict, verify } from './support/audit-database.ts';
import { incomingOf } from './support/audit-events.ts';

const directory = fileURLToPath(new URL('../migrations', import.meta.url));

describe('audit migrations', () => {
  it('run up by replicas at the same time, down on data, and up again', async function () {
    this.timeout(120_000);
    await using database = await createDatabase('audit', { migrate: false });
    const options = { ownerUrl: database.ownerUrl, directory, serviceRole: 'hokusai_audit' };
    const up = () => migrate({ ...options, direction: 'up' });
    const ran = await Promise.all([up(), up(), up()]);
    assert.equal(ran.filter((names) => names.length > 0).length, 1);
    const [count] = ran.map((names) => names.length).filter((length) => length > 0);

    const pool = poolOf(database.url);
    try {
      const store = async () => {
        await appenderOn(pool).append([incomingOf(), incomingOf()]);
        assert.equal(verdict(await verify(pool)), 'intact, 2 rows');
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
});
