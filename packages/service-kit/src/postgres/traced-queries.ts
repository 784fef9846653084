/** Spans of statements. They tell the kind of a statement, and nothing of what it says. */
import { finished, Writable } from 'node:stream';
import { currentTraceparent } from '@hokusai/contracts';
import type { Pool, PoolClient } from 'pg';
import type { Tracing } from '../telemetry/tracing.ts';

const KINDS: ReadonlySet<string> = new Set(
  'SELECT INSERT UPDATE DELETE WITH BEGIN COMMIT ROLLBACK COPY LOCK SET'.split(' '),
);

/**
 * Only what is awaited is traced: a pool asks its connections by callbacks, which are no statements of their own, and
 * run in the scope of whoever gave the connection back.
 */
export function traceQueries(pool: Pool, tracing: Tracing): void {
  traceThoseOf(pool, tracing);
  pool.on('connect', (client) => traceThoseOf(client, tracing));
}

type Query = (...values: unknown[]) => unknown;

function traceThoseOf(target: Pool | PoolClient, tracing: Tracing): void {
  const query = target.query.bind(target) as Query;
  target.query = ((...values: unknown[]) => {
    const parent = currentTraceparent();
    if (parent === undefined || typeof values.at(-1) === 'function') return query(...values);
    const kind = kindOf(values[0]);
    const attributes = { 'db.system.name': 'postgresql', 'db.operation.name': kind };
    const span = tracing.start('client', `postgres ${kind}`, parent, attributes);
    const answer = query(...values);
    if (answer instanceof Writable) finished(answer, (error) => span.end({ hasFailed: Boolean(error) }));
    if (!(answer instanceof Promise)) return answer;
    return answer.then(
      (result: unknown) => {
        span.end();
        return result;
      },
      (error: unknown) => {
        span.end({ hasFailed: true });
        throw error;
      },
    );
  }) as typeof target.query;
}

function kindOf(statement: unknown): string {
  const text = typeof statement === 'string' ? statement : (statement as { text?: unknown } | null)?.text;
  const word = typeof text === 'string' ? (/^\s*([a-z]+)/i.exec(text)?.[1]?.toUpperCase() ?? '') : '';
  return KINDS.has(word) ? word : 'OTHER';
}
