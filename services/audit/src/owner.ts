/** What the owner's commands have in common: the database, who runs them, and how they end. */
import { randomBytes, randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import type { AuditEvent } from '@hokusai/contracts';
import {
  ConfigError,
  createPool,
  EXIT_CONFIG,
  type Pool,
  type PoolClient,
  systemClock,
} from '@hokusai/service-kit';
import { type OwnerConfig, ownerConfig } from './config.ts';
import { type HostUser, RetentionError } from './domain/retention.ts';
import { appendWith } from './storage/appender.ts';

export interface Owner {
  config: OwnerConfig;
  pool: Pool;
  by: HostUser;
  now: Date;
  /** Does `work`, and appends the command's own event to the log: both, or neither. */
  telling<Result>(
    work: (client: PoolClient) => Promise<{ result: Result; event: AuditEvent }>,
  ): Promise<Result>;
}

const EXIT_USAGE = 2;

/**
 * Runs a command and sets the exit code: 0, 2 for what makes no sense, 78 for a wrong configuration, 1 for anything
 * else. `work` answers what is printed.
 */
export async function runAsOwner(work: () => Promise<string>): Promise<void> {
  try {
    process.stdout.write(await work());
  } catch (error) {
    process.stderr.write(`hokusai-audit: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigError) return EXIT_CONFIG;
  // What parseArgs throws is a TypeError.
  return error instanceof RetentionError || error instanceof TypeError ? EXIT_USAGE : 1;
}

export async function withOwner<Result>(work: (owner: Owner) => Promise<Result>): Promise<Result> {
  const config = ownerConfig.load();
  const pool = createPool({
    connectionString: config.AUDIT_OWNER_DATABASE_URL,
    max: 2,
    applicationName: 'hokusai-audit-owner',
    onError: () => {},
  });
  const by = { host: hostname(), osUser: currentUser() };
  const telling: Owner['telling'] = (act) =>
    appendWith({ pool, clock: systemClock, randomBytes }, async (client) => {
      const { result, event } = await act(client);
      const origin = `/hokusai/audit/${by.host}`;
      return { result, event: { eventId: randomUUID(), source: 'audit', origin, event } };
    });
  try {
    return await work({ config, pool, by, now: new Date(systemClock.now()), telling });
  } finally {
    await pool.end();
  }
}

/** A container may run under a number that no name belongs to. */
function currentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}
