import assert from 'node:assert/strict';
import { spawnService } from '@hokusai/testing';
import { GRAIN_MS } from '../src/domain/cover.ts';
import { MIDNIGHT_MS } from './support/random-usage.ts';
import { readerOn, rollAll, storeRequests } from './support/rolling.ts';
import { openUsageDatabase, type UsageDatabase } from './support/usage-database.ts';

describe('rebuilding rollups', function () {
  this.timeout(120_000);
  let db: UsageDatabase;

  before(async () => {
    db = await openUsageDatabase();
  });
  after(() => db.close());

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
