/** A migrated audit database with the log on top of it. */
import { randomBytes } from 'node:crypto';
import type { Witness } from '@hokusai/audit-chain';
import { createLogger, createPool, type Pool, systemClock } from '@hokusai/service-kit';
import { createDatabase, type TestDatabase } from '@hokusai/testing';
import type { VerificationResult } from '../../src/domain/ports.ts';
import { createAppender } from '../../src/storage/appender.ts';
import { createVerification } from '../../src/storage/verification.ts';

export const silent = createLogger({ service: 'test', level: 'silent' });

export interface AuditDatabase {
  database: TestDatabase;
  /** As the service's role. */
  pool: Pool;
  /** As the superuser. */
  admin: Pool;
  close(): Promise<void>;
}

export async function openAuditDatabase(): Promise<AuditDatabase> {
  const database = await createDatabase('audit');
  const pool = poolOf(database.url);
  const admin = poolOf(database.adminUrl);
  const close = async () => {
    await Promise.all([pool.end(), admin.end()]);
    await database.close();
  };
  return { database, pool, admin, close };
}

export function poolOf(connectionString: string, options: { lockTimeoutMs?: number } = {}): Pool {
  return createPool({ connectionString, max: 4, applicationName: 'test', onError: () => {}, ...options });
}

export function appenderOn(pool: Pool) {
  return createAppender({ pool, clock: systemClock, randomBytes });
}

export function verify(
  pool: Pool,
  from: number | null = null,
  to: number | null = null,
  witnesses: readonly Witness[] = [],
) {
  return createVerification(pool).verify({ from, to, witnesses }, new AbortController().signal);
}

/** `intact` with the number of rows, or the first bad row. */
export function verdict({ fault, rowsVerified }: VerificationResult): string {
  return fault ? `${fault.chainSeq}: ${fault.problem}` : `intact, ${rowsVerified} rows`;
}

export async function storedIds(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ event_id: string }>(
    'select event_id from audit_events order by chain_seq',
  );
  return rows.map(({ event_id }) => event_id);
}
