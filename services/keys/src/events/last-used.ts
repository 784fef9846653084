/** Notes the last use of keys and retired secrets, as the gateways report it to the stream USAGE. */
import { CONSUMERS, readUsageBatch, type UsageBatch } from '@hokusai/contracts';
import { type Bus, handleReadable, isTransientDatabaseError, type Pool } from '@hokusai/service-kit';
import { type LastUse, lastUses } from './last-use.ts';

const BATCH_SIZE = 50;
const LINGER_MS = 1000;

/**
 * A time of use moves forwards only, and by a minute at least: each key's row is written at most once for
 * a minute of use. A gateway whose clock is fast can't put it into the future, where it would stay.
 * Rows are locked in the order of their ids, so that replicas wait for each other instead of deadlocking.
 */
const noteUses = (table: string, column: string, type: string, orElse = '') => `
  with used as (
    select name, least(at, clock_timestamp()) as at, ip
    from unnest($1::${type}[], $2::timestamptz[], $3::inet[]) as reported (name, at, ip)
  ), due as materialized (
    select known.${column} as name, used.at, used.ip
    from ${table} as known join used on known.${column} = used.name
    where known.last_used_at is null or used.at >= known.last_used_at + interval '1 minute' ${orElse}
    order by known.${column}
    for no key update of known
  )
  update ${table} as known set last_used_at = due.at, last_used_ip = due.ip
  from due where known.${column} = due.name`;

const NOTE_KEY_USES = noteUses('api_keys', 'id', 'uuid');
/** The first use since its rotation counts at once: whoever wants to end its grace asks for just that. */
const FIRST_IN_GRACE = 'or (known.last_used_at < known.retired_at and used.at >= known.retired_at)';
const NOTE_SECRET_USES = noteUses('retired_secrets', 'key_prefix', 'text', FIRST_IN_GRACE);

/** Consumes in the background until the bus is closed. */
export function consumeLastUsed(bus: Pick<Bus, 'consume'>, pool: Pool): void {
  const { stream, durable } = CONSUMERS.keysLastUsed;
  bus.consume({
    stream,
    durable,
    batchSize: BATCH_SIZE,
    lingerMs: LINGER_MS,
    handle: (messages) =>
      handleReadable(
        messages,
        ({ data }) => readUsageBatch(data),
        (batches) => noteLastUses(pool, batches),
      ),
    isOutage: isTransientDatabaseError,
  });
}

/** Repeating it changes nothing. */
async function noteLastUses(pool: Pool, batches: readonly UsageBatch[]): Promise<void> {
  const { keys, secrets } = lastUses(batches.flatMap(({ requests }) => requests));
  if (keys.length === 0) return;
  await pool.query(
    NOTE_KEY_USES,
    columnsOf(keys, ({ keyId }) => keyId),
  );
  await pool.query(
    NOTE_SECRET_USES,
    columnsOf(secrets, ({ keyPrefix }) => keyPrefix),
  );
}

function columnsOf(uses: readonly LastUse[], nameOf: (use: LastUse) => string): unknown[][] {
  return [uses.map(nameOf), uses.map(({ at }) => at), uses.map(({ ip }) => ip)];
}
