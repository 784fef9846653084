/** A migrated usage database and the store on top of it. */
import { createLogger, createPool, type Pool, systemClock } from '@hokusai/service-kit';
import { createDatabase, type TestDatabase } from '@hokusai/testing';
import type { UsageMessage } from '../../src/domain/messages.ts';
import type { IngestStore } from '../../src/domain/ports.ts';
import { createIngestStore } from '../../src/storage/ingest.ts';
import { createPartitions } from '../../src/storage/partitions.ts';

export const silent = createLogger({ service: 'test', level: 'silent' });

export interface UsageDatabase {
  database: TestDatabase;
  /** As the service's role. */
  pool: Pool;
  /** As the superuser. */
  admin: Pool;
  close(): Promise<void>;
}

export async function openUsageDatabase({ timezone = 'UTC' } = {}): Promise<UsageDatabase> {
  const database = await createDatabase('usage');
  const admin = poolOf(database.adminUrl);
  await admin.query(`alter database ${database.name} set timezone = '${timezone}'`);
  const pool = poolOf(database.url);
  const close = async () => {
    await Promise.all([pool.end(), admin.end()]);
    await database.close();
  };
  return { database, pool, admin, close };
}

export function poolOf(connectionString: string): Pool {
  return createPool({ connectionString, max: 4, applicationName: 'test', onError: () => {} });
}

export function storeOn(pool: Pool) {
  return ingesting(createIngestStore(pool, createPartitions(pool, systemClock, silent)));
}

/** Both steps in one. */
export function ingesting<Prepared>({ prepare, store }: IngestStore<Prepared>) {
  return { ingest: (messages: readonly UsageMessage[]) => store(messages.map(prepare)) };
}

export function received(
  batch: Extract<UsageMessage, { kind: 'batch' }>['batch'],
  receivedAt = new Date(),
): UsageMessage {
  return { kind: 'batch', receivedAt, batch };
}

export function announced(
  announcement: Extract<UsageMessage, { kind: 'announcement' }>['announcement'],
  receivedAt = new Date(),
): UsageMessage {
  return { kind: 'announcement', receivedAt, announcement };
}

/** Stored numbers of an incarnation, in order, repetitions included. */
export async function storedSequences(pool: Pool, incarnation: string): Promise<number[]> {
  const { rows } = await pool.query<{ sequence: string }>(
    'select sequence from api_key_usage where incarnation = $1 order by sequence',
    [incarnation],
  );
  return rows.map(({ sequence }) => Number(sequence));
}

export function upTo(last: number): number[] {
  return Array.from({ length: last }, (_, index) => index + 1);
}
