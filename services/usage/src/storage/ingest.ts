/** Stores batches and announcements of gateways: rows and the numbers they have in one transaction. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Pool, type PoolClient, type Queryable, transaction } from '@hokusai/service-kit';
import { from as copyFrom } from 'pg-copy-streams';
import { type DatedBatch, datedBatch, selectNew, type UsageMessage } from '../domain/messages.ts';
import type { IngestStore } from '../domain/ports.ts';
import { DAY_MS, MINUTE_MS, startsOf } from '../domain/times.ts';
import { readNumbers, saveNumbers, upsertIncarnations } from './incarnations.ts';
import { createKeyPlaceholders } from './key-placeholders.ts';
import type { Partitions } from './partitions.ts';
import { refusalRows, upsertRefusals } from './refusals.ts';
import { USAGE_COLUMNS, usageLines } from './usage-rows.ts';

export function createIngestStore(pool: Pool, partitions: Pick<Partitions, 'ensureFor'>): IngestStore {
  const placeholders = createKeyPlaceholders(pool);
  return {
    ingest: async (messages) => {
      const batches = messages.filter((message) => message.kind === 'batch').map(datedBatch);
      await partitions.ensureFor(startsOf(startsMsOf(batches), DAY_MS));
      await placeholders.ensureFor(keysOf(batches));
      await transaction(pool, (client) => store(client, messages, batches));
    },
  };
}

async function store(
  client: PoolClient,
  messages: readonly UsageMessage[],
  batches: readonly DatedBatch[],
): Promise<void> {
  // The rows of the incarnations, locked in one order, keep replicas from storing the same numbers twice.
  await upsertIncarnations(client, messages);
  if (batches.length === 0) return;
  const incarnations = new Set(batches.map(({ incarnation }) => incarnation));
  const { selected, stored } = selectNew(batches, await readNumbers(client, [...incarnations]));
  await copyRows(client, selected);
  await saveNumbers(client, stored, selected);
  const refusals = refusalRows(messages);
  await upsertRefusals(client, refusals);
  const changedMs = [...refusals.map(({ minute }) => minute.getTime()), ...startsMsOf(selected)];
  await markDirty(client, startsOf(changedMs, MINUTE_MS));
}

async function copyRows(client: PoolClient, batches: readonly DatedBatch[]): Promise<void> {
  if (batches.length === 0) return;
  const rows = copyFrom(`copy api_key_usage (${USAGE_COLUMNS.join(', ')}) from stdin`);
  await pipeline(Readable.from(linesOf(batches)), client.query(rows));
}

/** Made while Postgres takes in those before them. */
function* linesOf(batches: Iterable<DatedBatch>): Generator<string> {
  for (const batch of batches) yield usageLines(batch);
}

/**
 * Locks the minutes until the end of the transaction: whoever recomputes one of them either sees these rows, or
 * finds it marked again. The last lock that a transaction takes, and in one order, so that none wait for each other.
 */
async function markDirty(client: Queryable, minutes: readonly Date[]): Promise<void> {
  await client.query(
    `insert into usage_dirty_minutes (minute, marked_at)
     select minute, clock_timestamp() from unnest($1::timestamptz[]) as touched (minute) order by minute
     on conflict (minute) do update set marked_at = excluded.marked_at`,
    [minutes],
  );
}

function* startsMsOf(batches: Iterable<DatedBatch>): Generator<number> {
  for (const { startsMs } of batches) yield* startsMs;
}

function* keysOf(batches: Iterable<DatedBatch>): Generator<string> {
  for (const { requests } of batches) for (const { key_id } of requests) yield key_id;
}
