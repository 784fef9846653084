import assert from 'node:assert/strict';
import { integrityOn } from './support/accounts.ts';
import { openUsageDatabase, type UsageDatabase } from './support/usage-database.ts';

/** As after some years of deployments, or days of a process that ends as soon as it starts. */
const MANY = 40_000;
const PER_DAY = 1000;

describe('accounts of very many incarnations', function () {
  this.timeout(120_000);
  let db: UsageDatabase;

  /** Closed ones, each with three requests that are rolled up; the last one lacks a fourth. */
  before(async () => {
    db = await openUsageDatabase();
    const started = `timestamptz '2024-01-01T00:00:00Z' + number * interval '1 day' / ${PER_DAY}`;
    await db.admin.query(
      `create temporary table many as
       select gen_random_uuid() as incarnation, ${started} as at, number
       from generate_series(0, ${MANY - 1}) as number;
       insert into gateway_incarnations
         (incarnation, gateway, closed_at, first_heard_at, last_heard_at, announced_at, assigned, due_next_at)
       select incarnation, 'gw', at, at, at, at, case number when ${MANY - 1} then 4 else 3 end, at from many;
       insert into ingested_ranges (incarnation, ranges) select incarnation, '{[1,4)}' from many;
       select ensure_rollup_partitions('days', array[timestamptz '2024-01-01Z']);
       insert into incarnation_usage_days
         (start, incarnation, requests, informational, successful, redirected, client_errors, server_errors,
          bytes_in, bytes_out, refusals, latency_buckets, latency_counts)
       select date_trunc('day', at, 'UTC'), incarnation, 3, 0, 3, 0, 0, 0, 0, 0, '{}', '{}', '{}' from many;
       analyze gateway_incarnations, ingested_ranges, incarnation_usage_days`,
    );
  });
  after(() => db.close());

  it('are all judged, and listed page by page', async () => {
    const { judged, verdict } = await integrityOn(db.pool, { limit: 51 });
    assert.equal(judged.length, 51);
    assert.ok(judged.every(({ isComplete, account }) => isComplete && account.stored === 3));
    assert.deepEqual(verdict, {
      isComplete: false,
      statuses: { open: 0, balanced: MANY - 1, gap: 1, unclean_end: 0 },
    });
  });

  it('are judged in their period only', async () => {
    const period = { from: new Date('2024-01-03T00:00:00Z'), to: new Date('2024-01-04T00:00:00Z') };
    const { verdict } = await integrityOn(db.pool, { ...period, limit: 51 });
    assert.deepEqual([verdict.isComplete, verdict.statuses.balanced], [true, PER_DAY]);
  });
});
