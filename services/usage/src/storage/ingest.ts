/** Stores batches and announcements of gateways: rows and the numbers they have in one transaction. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  COPY_HEADER,
  COPY_TRAILER,
  type Pool,
  type PoolClient,
  type Queryable,
  transaction,
} from '@hokusai/service-kit';
import { from as copyFrom } from 'pg-copy-streams';
import { type Selected, selectNew } from '../domain/messages.ts';
import type { IngestStore } from '../domain/ports.ts';
import { DAY_MS, MINUTE_MS, startsOf } from '../domain/times.ts';
import { type IncarnationRow, incarnationRow } from './incarnation-rows.ts';
import { readNumbers, saveNumbers, upsertIncarnations } from './incarnations.ts';
import { createKeyPlaceholders } from './key-placeholders.ts';
import { type ObservedRow, observedRows, upsertObserved } from './observed-refusals.ts';
import type { Partitions } from './partitions.ts';
import { highestCounts, type RefusalRow, refusalRows, upsertRefusals } from './refusals.ts';
import { createBatchEncoder, type EncodedBatch, rowsOf, USAGE_COLUMNS } from './usage-rows.ts';

/** All that is stored of a message. */
export interface PreparedMessage {
  heard: IncarnationRow;
  /** Of an announcement none. */
  batches: EncodedBatch[];
  refusals: RefusalRow[];
  observed: ObservedRow[];
  /** Ids of keys that may have no row yet. */
  unknownKeys: Set<string>;
}

export function createIngestStore(
  pool: Pool,
  partitions: Pick<Partitions, 'ensureFor'>,
): IngestStore<PreparedMessage> {
  const placeholders = createKeyPlaceholders(pool);
  const encode = createBatchEncoder();
  return {
    prepare: (message) => {
      const heard = incarnationRow(message);
      if (message.kind === 'announcement')
        return { heard, batches: [], refusals: [], observed: [], unknownKeys: new Set() };
      const unknownKeys = placeholders.unknownOf(message.batch.requests);
      const counts = { refusals: refusalRows(message), observed: observedRows(message) };
      return { heard, batches: [encode(message)], ...counts, unknownKeys };
    },
    store: async (messages) => {
      const batches = messages.flatMap((message) => message.batches);
      await partitions.ensureFor(startsOf(minutesOf(batches), DAY_MS));
      await placeholders.ensureFor(messages.flatMap(({ unknownKeys }) => [...unknownKeys]));
      await transaction(pool, (client) => store(client, messages, batches));
    },
  };
}

async function store(
  client: PoolClient,
  messages: readonly PreparedMessage[],
  batches: readonly EncodedBatch[],
): Promise<void> {
  // The rows of the incarnations, locked in one order, keep replicas from storing the same numbers twice.
  await upsertIncarnations(
    client,
    messages.map(({ heard }) => heard),
  );
  if (batches.length === 0) return;
  const incarnations = new Set(batches.map(({ incarnation }) => incarnation));
  const { selected, stored } = selectNew(batches, await readNumbers(client, [...incarnations]));
  await copyRows(client, selected);
  await saveNumbers(client, stored, selected);
  const refused = await upsertRefusals(client, highestCounts(messages.flatMap(({ refusals }) => refusals)));
  await upsertObserved(client, highestCounts(messages.flatMap(({ observed }) => observed)));
  const changedMs = [
    ...refused.map((minute) => minute.getTime()),
    ...minutesOf(selected.map(({ batch }) => batch)),
  ];
  await markDirty(client, startsOf(changedMs, MINUTE_MS));
}

async function copyRows(client: PoolClient, selected: readonly Selected<EncodedBatch>[]): Promise<void> {
  if (selected.length === 0) return;
  const rows = copyFrom(`copy api_key_usage (${USAGE_COLUMNS.join(', ')}) from stdin (format binary)`);
  await pipeline(Readable.from(copyData(selected)), client.query(rows));
}

function* copyData(selected: Iterable<Selected<EncodedBatch>>): Generator<Buffer> {
  yield COPY_HEADER;
  for (const { batch, numbers } of selected) yield* rowsOf(batch, numbers);
  yield COPY_TRAILER;
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

function* minutesOf(batches: Iterable<EncodedBatch>): Generator<number> {
  for (const { minutesMs } of batches) yield* minutesMs;
}
