/**
 * Day partitions of the usage table: there before they are needed, and for what comes late. Those of all tables are
 * dropped in time.
 */
import { type Clock, type Logger, type Pool, pause } from '@hokusai/service-kit';
import { GRAINS, type Level, type RetentionDays } from '../domain/cover.ts';
import { DAY_MS } from '../domain/times.ts';

/** Today and the days after it that always have a partition. */
const DAYS_AHEAD = 4;
const CHECK_EVERY_MS = 60 * 60 * 1000;
const RETRY_MS = 60 * 1000;
/** Days asked for in the last time. More than that is no gateway's clock, and asking again is harmless. */
const MAX_KNOWN_DAYS = 1000;
const LEVELS = ['raw', ...GRAINS] as const;

export interface Partitions {
  /**
   * Sees to the partitions of these times. If that fails, the rows are taken by the default partition, and
   * moved when the day's partition is made: it never throws.
   */
  ensureFor(times: readonly Date[]): Promise<void>;
  /**
   * Makes partitions ahead, and drops those of requests and rollups whose time is over for longer than they are to be
   * kept, at once and then each hour, until the signal aborts.
   */
  keep(retention: RetentionDays, signal: AbortSignal): Promise<void>;
}

export function createPartitions(pool: Pool, clock: Clock, logger: Logger): Partitions {
  let known = new Set<string>();

  async function ensure(days: readonly string[]): Promise<boolean> {
    if (days.length === 0) return true;
    try {
      const { rows } = await pool.query<{ made: number }>('select ensure_usage_partitions($1) as made', [
        days,
      ]);
      if (rows[0]?.made) logger.info({ days, made: rows[0].made }, 'made partitions');
      if (known.size > MAX_KNOWN_DAYS) known = new Set();
      for (const day of days) known.add(day);
      return true;
    } catch (error) {
      logger.warn({ err: error, days }, 'partitions could not be made');
      return false;
    }
  }

  /** Reckoned by the database: a clock that is off here must not cost what is to be kept. */
  async function dropExpired(level: Level, days: number): Promise<boolean> {
    try {
      const { rows } = await pool.query<{ dropped: number }>('select drop_expired_usage($1, $2) as dropped', [
        level,
        days,
      ]);
      if (level === 'raw') await pool.query('select drop_expired_observations($1)', [days]);
      if (rows[0]?.dropped)
        logger.info({ level, days, dropped: rows[0].dropped }, 'dropped partitions older than that');
      return true;
    } catch (error) {
      logger.warn({ err: error, level, days }, 'partitions could not be dropped');
      return false;
    }
  }

  return {
    ensureFor: async (times) => {
      const days = new Set(times.map(dayOf));
      await ensure([...days].filter((day) => !known.has(day)));
    },
    keep: async (retention, signal) => {
      while (!signal.aborted) {
        const isDone = [await ensure(daysAhead(clock.now()))];
        for (const level of LEVELS) isDone.push(await dropExpired(level, retention[level]));
        await pause(isDone.every(Boolean) ? CHECK_EVERY_MS : RETRY_MS, signal);
      }
    },
  };
}

function daysAhead(nowMs: number): string[] {
  return Array.from({ length: DAYS_AHEAD }, (_, index) => dayOf(new Date(nowMs + index * DAY_MS)));
}

/** The UTC day, as `2025-01-15`. */
function dayOf(time: Date): string {
  return time.toISOString().slice(0, 10);
}
