/** Appends events to the chain: one appender at a time, each event once, a batch in one transaction. */
import type { ChainHead } from '@hokusai/audit-chain';
import { type Clock, type Pool, type PoolClient, type Queryable, transaction } from '@hokusai/service-kit';
import { appendToChain, type IncomingEvent, type PreparedEvent, prepareEvent } from '../domain/chain.ts';
import type { Appender } from '../domain/ports.ts';
import { createRowCopier, type RowCopier } from './row-copier.ts';

export interface AppenderOptions {
  pool: Pool;
  clock: Clock;
  randomBytes: (size: number) => Uint8Array;
}

export function createAppender({ pool, clock, randomBytes }: AppenderOptions): Appender {
  const copier = createRowCopier();
  const inTurn = createTurns();
  const salts = drawnAhead(randomBytes);
  return {
    append: (events) => {
      // While a batch before this one is stored.
      const prepared = events.map((event) => prepareEvent(event, salts));
      return inTurn(() => transaction(pool, (client) => append(client, prepared, clock, copier)));
    },
  };
}

/** Does `work` and appends what it tells of itself, in one transaction: both, or neither. */
export function appendWith<Result>(
  { pool, clock, randomBytes }: AppenderOptions,
  work: (client: PoolClient) => Promise<{ result: Result; event: IncomingEvent }>,
): Promise<Result> {
  return transaction(pool, async (client) => {
    const { result, event } = await work(client);
    await append(client, [prepareEvent(event, randomBytes)], clock, createRowCopier());
    return result;
  });
}

async function append(
  client: PoolClient,
  events: readonly PreparedEvent[],
  clock: Clock,
  copier: RowCopier,
): Promise<void> {
  const head = await lockHead(client);
  // Asked under the lock: whatever another appender has stored is visible now.
  const fresh = await withoutStored(client, events);
  const rows = appendToChain(head, fresh, new Date(clock.now()));
  const last = rows.at(-1);
  if (!last) return;
  await copier.copy(client, rows);
  await client.query('update audit_head set chain_seq = $1, hash = $2', [last.chainSeq, last.hash]);
}

/** Of an appender that says no more, and has the lock: then Postgres ends its session, and the next one goes on. */
const SILENCE_LIMIT_MS = 5000;

/** Reads the head and keeps other appenders waiting until the transaction ends. */
async function lockHead(client: Queryable): Promise<ChainHead> {
  // The limit is this transaction's alone: the connection is used for others, too, that keep nobody waiting.
  const { rows } = await client.query<{ chain_seq: string; hash: Buffer }>(
    `select chain_seq, hash, set_config('idle_in_transaction_session_timeout', $1, true)
     from audit_head for update`,
    [String(SILENCE_LIMIT_MS)],
  );
  const [head] = rows;
  if (!head) throw new Error('the audit log has no head: its migrations are missing');
  return { chainSeq: Number(head.chain_seq), hash: head.hash };
}

async function withoutStored(client: Queryable, events: readonly PreparedEvent[]): Promise<PreparedEvent[]> {
  const { rows } = await client.query<{ event_id: string }>(
    'select event_id from audit_events where event_id = any($1)',
    [events.map(({ eventId }) => eventId)],
  );
  const seen = new Set(rows.map(({ event_id }) => event_id));
  return events.filter(({ eventId }) => {
    const isNew = !seen.has(eventId);
    seen.add(eventId);
    return isNew;
  });
}

/** Runs what it is given one after the other, in the order in which it came, whatever becomes of what came before. */
function createTurns(): <Result>(work: () => Promise<Result>) => Promise<Result> {
  let before: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = before.then(work);
    before = turn.catch(() => {});
    return turn;
  };
}

const DRAWN_BYTES = 8192;

/** A call for random bytes takes longer than to draw them: some hundred values' worth at a time. */
function drawnAhead(randomBytes: (size: number) => Uint8Array): (size: number) => Uint8Array {
  let drawn: Uint8Array = new Uint8Array(0);
  let used = 0;
  return (size) => {
    if (used + size > drawn.length) {
      drawn = randomBytes(Math.max(DRAWN_BYTES, size));
      used = 0;
    }
    used += size;
    return drawn.subarray(used - size, used);
  };
}
