/** Postgres connections, transactions, and which of its errors pass by themselves. */
import { HokusaiError, throwIfCallEnded } from '@hokusai/contracts';
import pg from 'pg';
import type { Tracing } from '../telemetry/tracing.ts';
import { traceQueries } from './traced-queries.ts';

export type Pool = pg.Pool;
/** One connection of the pool, as inside a transaction. */
export type PoolClient = pg.PoolClient;
/** What a query needs: the pool, or one connection inside a transaction. */
export type Queryable = Pick<pg.Pool, 'query'>;

export interface PoolOptions {
  connectionString: string;
  /** Upper bound of connections. */
  max: number;
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** A statement without an answer after that long fails, and its connection is given up; 30 s if absent. */
  queryTimeoutMs?: number;
  /** A statement that waits longer for a lock fails, on the server too; without a limit if absent. */
  lockTimeoutMs?: number;
  /** Told of errors on idle connections, which would otherwise end the process. */
  onError: (error: Error) => void;
  /** Makes spans of statements that belong to a trace; absent: nothing is traced. */
  tracing?: Tracing | undefined;
}

export function createPool(options: PoolOptions): Pool {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.max,
    application_name: options.applicationName,
    connectionTimeoutMillis: 3000,
    // A server that is gone without a word must not hold requests for the kernel's two hours.
    keepAlive: true,
    query_timeout: options.queryTimeoutMs ?? 30_000,
    ...(options.lockTimeoutMs !== undefined && { lock_timeout: options.lockTimeoutMs }),
  });
  pool.on('error', options.onError);
  // While a connection is lent out, the pool does not listen to it: its user learns of a breach by the query
  // that fails, and the same error, emitted with no listener, would end the process.
  pool.on('connect', (client) => client.on('error', () => {}));
  if (options.tracing) traceQueries(pool, options.tracing);
  return pool;
}

/**
 * Runs `work` in one transaction on one connection: commits its result, or rolls back and rethrows. While a
 * gRPC call is served, nothing is committed that nobody waits for any more (`deadline_exceeded`).
 */
export async function transaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    throwIfCallEnded();
    await client.query('begin');
    const result = await work(client);
    throwIfCallEnded();
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((rollbackError: Error) => {
      broken = rollbackError;
    });
    throw error;
  } finally {
    // A connection that can't roll back is in an unknown state: the pool must not reuse it.
    client.release(broken);
  }
}

/**
 * SQLSTATE classes that a later attempt may not meet: 08 connection, 28 authorization (a password that is
 * being changed), 3D database (one that is being restored), 40 rollback (deadlock, serialization), 53
 * resources, 55 state of an object (locked), 57 operator intervention, 58 system error (PostgreSQL manual,
 * appendix A).
 */
const TRANSIENT_CLASSES = new Set(['08', '28', '3D', '40', '53', '55', '57', '58']);
/** A standby, or a primary that is kept from writing. */
const READ_ONLY = '25006';
/** Ended by the server, for its client did not go on with it. */
const IDLE_IN_TRANSACTION = '25P03';
const NETWORK_CODES = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ECONNABORTED',
  'EADDRNOTAVAIL',
  'EMFILE',
  'ENFILE',
]);

/** Node's codes for a server that can't prove who it is, as one whose certificate is over: somebody will renew it. */
const UNPROVEN_SERVER = /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/;

/** True for an error of the database or the way to it, as opposed to one of the statement. */
export function isTransientDatabaseError(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = (error as { code?: unknown }).code;
  if (typeof code === 'string')
    return NETWORK_CODES.has(code) || isTransientState(code) || UNPROVEN_SERVER.test(code);
  return /connection terminated|timeout exceeded when trying to connect|query read timeout|not queryable|server does not support SSL/i.test(
    error.message,
  );
}

function isTransientState(code: string): boolean {
  if (code === READ_ONLY || code === IDLE_IN_TRANSACTION) return true;
  return code.length === 5 && TRANSIENT_CLASSES.has(code.slice(0, 2));
}

/** Rethrows database outages as `unavailable`, everything else as it is. `database` is named in the message. */
export function asUnavailable(database: string): (error: unknown) => never {
  return (error) => {
    if (!isTransientDatabaseError(error)) throw error;
    throw new HokusaiError('unavailable', `The ${database} database can't be reached at the moment.`, {
      retryAfterSeconds: 5,
      cause: error,
    });
  };
}
