/** Appends events to the chain: one appender at a time, each event once, a batch in one transaction. */
import { setImmediate } from 'node:timers/promises';
import type { ChainHead } from '@hokusai/audit-chain';
import { type Clock, type Pool, type PoolClient, type Queryable, transaction } from '@hokusai/service-kit';
import { appendToChain, type IncomingEvent, type PreparedEvent, prepareEvent } from '../domain/chain.ts';
import type { Appender } from '../domain/ports.ts';
import { createRowCopier, type RowCopier } from './row-copier.ts';
import { endSilentCopies } from './silent-copies.ts';

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
      const preparing = prepared(events, salts);
      // Told to whoever has its turn.
      preparing.catch(() => {});
      return inTurn(async () => {
        const batch = once(await preparing);
        const store = (storing: Pick<Storing, 'isRepeated'>) =>
          transaction(pool, (client) => append(client, batch, { clock, copier, ...storing }));
        await store({ isRepeated: false })
          .catch((error: unknown) => {
            if (!isStoredAlready(error)) throw error;
            return store({ isRepeated: true });
          })
          .catch((error: unknown) => afterFailure(error, pool));
      });
    },
  };
}

/** So many take a millisecond, for which whatever else is under way has to wait. */
const PREPARED_AT_ONCE = 20;

async function prepared(
  events: Iterable<IncomingEvent>,
  randomBytes: (size: number) => Uint8Array,
): Promise<PreparedEvent[]> {
  const batch: PreparedEvent[] = [];
  for (const event of events) {
    batch.push(prepareEvent(event, randomBytes));
    if (batch.length % PREPARED_AT_ONCE === 0) await setImmediate();
  }
  return batch;
}

/** The first of those with the same id. */
function once(events: readonly PreparedEvent[]): PreparedEvent[] {
  const seen = new Set<string>();
  return events.filter(({ eventId }) => seen.size < seen.add(eventId).size);
}

/** SQLSTATE of a key that is there already, and the constraint that keeps an event from being stored twice. */
const UNIQUE_VIOLATION = '23505';
const EVENT_ID_CONSTRAINT = 'audit_events_event_id_key';

/** Rare enough, since the broker delivers again only what was not acknowledged, to be asked about afterwards. */
function isStoredAlready(error: unknown): boolean {
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return code === UNIQUE_VIOLATION && constraint === EVENT_ID_CONSTRAINT;
}

/** SQLSTATE of a lock that was waited for in vain (PostgreSQL manual, appendix A). */
const LOCK_NOT_AVAILABLE = '55P03';

/** Throws the error; the batch is tried again, and then shall not wait behind the same silent replica. */
async function afterFailure(error: unknown, pool: Pool): Promise<never> {
  const isLocked = error instanceof Error && 'code' in error && error.code === LOCK_NOT_AVAILABLE;
  if (isLocked) await endSilentCopies(pool, SILENCE_LIMIT_MS);
  throw error;
}

/** Does `work` and appends what it tells of itself, in one transaction: both, or neither. */
export function appendWith<Result>(
  { pool, clock, randomBytes }: AppenderOptions,
  work: (client: PoolClient) => Promise<{ result: Result; event: IncomingEvent }>,
): Promise<Result> {
  return transaction(pool, async (client) => {
    const { result, event } = await work(client);
    await append(client, [prepareEvent(event, randomBytes)], { clock, copier: createRowCopier() });
    return result;
  });
}

interface Storing {
  clock: Clock;
  copier: RowCopier;
  /** Some of the events are in the log; otherwise it fails if one is. */
  isRepeated?: boolean;
}

async function append(
  client: PoolClient,
  events: readonly PreparedEvent[],
  { clock, copier, isRepeated = false }: Storing,
): Promise<void> {
  const head = await lockHead(client);
  // Asked under the lock: whatever another appender has stored is visible now.
  const fresh = isRepeated ? await withoutStored(client, events) : events;
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
  const stored = new Set(rows.map(({ event_id }) => event_id));
  return events.filter(({ eventId }) => !stored.has(eventId));
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
