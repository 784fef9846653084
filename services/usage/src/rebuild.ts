/** Makes the rollups of some days anew, from the requests: `node services/usage/src/rebuild.ts --from … --to …`. */
import { parseArgs } from 'node:util';
import { ConfigError, EXIT_CONFIG, pause, systemClock } from '@hokusai/service-kit';
import { periodOf, RebuildError, rebuildRollups } from './application/rebuild.ts';
import { rebuildConfig } from './config.ts';
import { createRollingPool } from './rolling.ts';
import { firstKeptDay } from './storage/kept-days.ts';
import { asRoller } from './storage/roller-lock.ts';
import { createRollupStore } from './storage/rollups.ts';

const USAGE = `Makes the rollups of whole days (UTC) anew, from the requests that are stored.

    node services/usage/src/rebuild.ts --from 2026-11-01 --to 2026-11-08

    --from DAY   the first day; by default the first one whose requests are kept
    --to DAY     the day after the last one; by default the one after today
`;
/** Between two looks at whether the service lets go of the rollups. */
const WAIT_MS = 200;

async function rebuild(given: { from?: string; to?: string }): Promise<void> {
  const config = rebuildConfig.load();
  const nowMs = systemClock.now();
  const pool = createRollingPool(config.USAGE_DATABASE_URL, () => {});
  const onDay = (day: Date) => process.stdout.write(`rebuilt ${day.toISOString().slice(0, 10)}\n`);
  try {
    const period = periodOf(given, { nowMs, firstKept: await firstKeptDay(pool) });
    const work = () =>
      asRoller(pool, async (client) => {
        await rebuildRollups(createRollupStore(client), { ...period, nowMs, onDay });
        return true;
      });
    while (!(await work())) await pause(WAIT_MS, new AbortController().signal);
  } finally {
    await pool.end();
  }
}

try {
  const { values } = parseArgs({
    options: { from: { type: 'string' }, to: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) process.stdout.write(USAGE);
  else await rebuild(values);
} catch (error) {
  process.stderr.write(`hokusai-usage: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) return EXIT_CONFIG;
  // What parseArgs throws is a TypeError.
  return error instanceof RebuildError || error instanceof TypeError ? 2 : 1;
}
