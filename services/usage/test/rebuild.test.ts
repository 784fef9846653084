import assert from 'node:assert/strict';
import { eventually, spawnService } from '@hokusai/testing';
import { RebuildError } from '../src/application/rebuild.ts';
import { GRAIN_MS } from '../src/domain/cover.ts';
import { MIDNIGHT_MS } from './support/random-usage.ts';
import { dropExpired, forgetUsage, readerOn, rebuildOn, rollAll, storeRequests } from './support/rolling.ts';
import { openUsageDatabase, type UsageDatabase } from './support/usage-database.ts';

describe('rebuilding rollups', function () {
  this.timeout(120_000);
  let db: UsageDatabase;

  before(async () => {
    db = await openUsageDatabase();
  });
  after(() => db.close());
  beforeEach(() => forgetUsage(db));

  async function rebuild(...args: string[]) {
    const env = { USAGE_DATABASE_URL: db.database.url };
    const command = await spawnService({ entry: 'services/usage/src/rebuild.ts', args, env, readyUrl: null });
    const { code } = await command.exited;
    return { code, output: command.output() };
  }

  const dayOf = (ms: number) => new Date(ms).toISOString().slice(0, 10);

  it('takes the days that are named, and puts them right', async () => {
    await storeRequests(db, [{ timestamp: new Date(MIDNIGHT_MS + 5).toISOString() }]);
    await rollAll(db.pool);
    for (const grain of ['minutes', 'hours', 'days'])
      await db.admin.query(`update total_usage_${grain} set requests = 7`);
    const day = { from: new Date(MIDNIGHT_MS), to: new Date(MIDNIGHT_MS + GRAIN_MS.day) };
    const requests = async () =>
      (await readerOn(db.pool).summary({ keyId: null, userId: null, endpoint: null, ...day })).requests;
    assert.equal(await requests(), '7');
    const days = ['--from', dayOf(MIDNIGHT_MS), '--to', dayOf(MIDNIGHT_MS + GRAIN_MS.day)];
    const { code, output } = await rebuild(...days);
    assert.deepEqual([code, output], [0, `rebuilt ${dayOf(MIDNIGHT_MS)}\n`]);
    assert.equal(await requests(), '1');
  });

  describe('whose requests are gone', () => {
    const daysAgo = (days: number) => new Date(MIDNIGHT_MS - days * GRAIN_MS.day);
    const requestsOf = async (day: Date) => {
      const to = new Date(day.getTime() + GRAIN_MS.day);
      const all = { keyId: null, userId: null, endpoint: null };
      return Number((await readerOn(db.pool).summary({ ...all, from: day, to })).requests);
    };

    async function storeDays(...days: number[]): Promise<void> {
      for (const day of days) {
        const time = daysAgo(day);
        await storeRequests(db, [{ timestamp: time.toISOString() }], time);
      }
      await rollAll(db.pool);
    }

    it('leaves their rollups alone, for however long they are to be kept by now', async () => {
      await storeDays(24, 22, 18);
      // Still to be rolled up, so that its requests stay, though no others of that time do.
      await db.admin.query('insert into usage_dirty_minutes (minute, marked_at) values ($1, now())', [
        daysAgo(24),
      ]);
      await dropExpired(db.pool, 'raw', 20);
      const named = await rebuild('--from', dayOf(daysAgo(22).getTime()));
      assert.equal(named.code, 2);
      assert.match(named.output, /kept since .* rollups from before can't be rebuilt/);
      const { code, output } = await rebuild();
      assert.equal(code, 0);
      assert.equal(output.split('\n')[0], `rebuilt ${dayOf(daysAgo(18).getTime())}`);
      assert.deepEqual([await requestsOf(daysAgo(22)), await requestsOf(daysAgo(18))], [1, 1]);
    });

    it('leaves their rollups alone where somebody else has dropped them', async () => {
      await storeDays(22, 21, 20);
      await db.admin.query(`drop table api_key_usage_${dayOf(daysAgo(21).getTime()).replaceAll('-', '')}`);
      const { code, output } = await rebuild('--from', dayOf(daysAgo(22).getTime()));
      assert.equal(code, 2);
      const [done, problem] = output.split('\n');
      assert.equal(done, `rebuilt ${dayOf(daysAgo(22).getTime())}`);
      assert.match(problem ?? '', new RegExp(`${dayOf(daysAgo(21).getTime())} are no longer kept`));
      assert.equal(await requestsOf(daysAgo(21)), 1);
    });

    it('waits for those who drop them, and then leaves their rollups alone', async () => {
      await storeDays(50);
      const client = await db.pool.connect();
      try {
        await client.query('begin');
        await client.query("select drop_expired_usage('raw', 45)");
        const rebuilding = rebuildOn(db.pool, daysAgo(50), daysAgo(49));
        const isRefused = assert.rejects(rebuilding, RebuildError);
        await eventually(async () => {
          const { rows } = await db.admin.query(
            "select from pg_locks where relation = 'usage_floors'::regclass and not granted",
          );
          assert.equal(rows.length, 1);
        });
        await client.query('commit');
        await isRefused;
      } finally {
        client.release();
      }
      assert.equal(await requestsOf(daysAgo(50)), 1);
    });
  });

  it('says what is wrong with its days', async () => {
    const wrong: [string[], RegExp][] = [
      [['--from', '2020-01-01'], /rollups from before can't be rebuilt/],
      [['--from', 'yesterday'], /yesterday is no day/],
      [['--from', dayOf(MIDNIGHT_MS), '--to', dayOf(MIDNIGHT_MS)], /later day/],
      [['--since', '1'], /Unknown option/],
    ];
    for (const [args, message] of wrong) {
      const { code, output } = await rebuild(...args);
      assert.equal(code, 2);
      assert.match(output, message);
    }
    const { code, output } = await rebuild('--help');
    assert.equal(code, 0);
    assert.match(output, /--from DAY/);
  });
});
