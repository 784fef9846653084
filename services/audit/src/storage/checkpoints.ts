/** Checkpoints and their signers in the database, and how far each place outside of it has them. */
import type { Checkpoint, Signer } from '@hokusai/audit-chain';
import { type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import type { CheckpointStore, SigningLog, SinkMark } from '../domain/checkpoint-ports.ts';
import type { CheckpointPage } from '../domain/ports.ts';
import { readHead } from './head.ts';

/** Any numbers will do, as long as all replicas use the same. */
const SIGNER_LOCK = 'hashtext($$audit checkpoints$$), 1';
/** Between two notes of how far a place has them. */
const DELIVERIES = 20;
const PAGE_SIZE = 1000;

export function createCheckpointStore(pool: Pool): CheckpointStore {
  return {
    // Each statement sees what was committed when it began, so what the replica before has signed is seen by the one
    // that has the lock after it. Appenders go on meanwhile: what is read before the head is never beyond it.
    asSigner: (work) =>
      transaction(pool, async (client) => {
        const { rows } = await client.query<{ locked: boolean }>(
          `select pg_try_advisory_xact_lock(${SIGNER_LOCK}) as locked`,
        );
        return rows[0]?.locked ? await work(signingLog(client)) : undefined;
      }),
    delivered: async () => ({ logId: (await readHead(pool)).logId, marks: await readMarks(pool) }),
    waitingSince: async (sink) => {
      const { rows } = await pool.query<{ since: Date | null }>(
        `select min(signed_at) as since from audit_checkpoints
         where chain_seq > coalesce((select chain_seq from audit_checkpoint_sinks where sink = $1), 0)`,
        [sink],
      );
      return rows[0]?.since ?? undefined;
    },
    deliver: (sink, store) => deliver(pool, sink, store),
  };
}

async function readMarks(client: Queryable): Promise<SinkMark[]> {
  const { rows } = await client.query<{ sink: string; chain_seq: string }>(
    'select sink, chain_seq from audit_checkpoint_sinks order by sink',
  );
  return rows.map(({ sink, chain_seq }) => ({ sink, chainSeq: Number(chain_seq) }));
}

function signingLog(client: Queryable): SigningLog {
  return {
    head: () => readHead(client),
    lastCheckpoint: async () => (await listCheckpoints(client, null, 1)).checkpoints[0],
    base: async () => (await readBase(client))?.chainSeq ?? 0,
    marks: () => readMarks(client),
    hashesOf: async (chainSeq) => {
      const { rows } = await client.query<{ hash: Buffer }>(
        `select hash from audit_events where chain_seq = $1
         union all select previous_hash from audit_events where chain_seq = $1 + 1
         union all select hash from audit_head where chain_seq = $1`,
        [chainSeq],
      );
      return rows.map(({ hash }) => hash);
    },
    signers: () => readSigners(client),
    addSigner: async ({ signerId, publicKey, sinceChainSeq, endorsement }) => {
      await client.query(
        `insert into audit_signers (signer_number, signer_id, public_key, since_chain_seq, endorsed_by, endorsement)
         select coalesce(max(signer_number), 0) + 1, $1, $2, $3, $4, $5 from audit_signers`,
        [signerId, publicKey, sinceChainSeq, endorsement?.signerId ?? null, endorsement?.signature ?? null],
      );
    },
    addCheckpoint: async ({ chainSeq, hash, signedAt, signerId, signature }) => {
      await client.query(
        `insert into audit_checkpoints (chain_seq, hash, signed_at, signer_id, signature)
         values ($1, $2, $3, $4, $5)`,
        [chainSeq, hash, signedAt, signerId, signature],
      );
    },
  };
}

/** Oldest first. */
export async function readSigners(client: Queryable): Promise<Signer[]> {
  const { rows } = await client.query<{
    signer_id: string;
    public_key: Buffer;
    since_chain_seq: string;
    endorsed_by: string | null;
    endorsement: Buffer | null;
  }>(
    `select signer_id, public_key, since_chain_seq, endorsed_by, endorsement
     from audit_signers order by signer_number`,
  );
  return rows.map(({ signer_id, public_key, since_chain_seq, endorsed_by, endorsement }) => ({
    signerId: signer_id,
    publicKey: public_key,
    sinceChainSeq: Number(since_chain_seq),
    endorsement: endorsed_by && endorsement ? { signerId: endorsed_by, signature: endorsement } : null,
  }));
}

/** Those of the rows after `after` and up to `last`, in their order, at most `limit`. */
export async function readCheckpoints(
  client: Queryable,
  { after, last, limit }: { after: number; last: number; limit: number },
): Promise<Checkpoint[]> {
  const { rows } = await client.query<CheckpointRecord>(
    `select ${CHECKPOINT_COLUMNS} from audit_checkpoints as c cross join audit_head as h
     where c.chain_seq > $1 and c.chain_seq <= $2 order by c.chain_seq limit $3`,
    [after, last, limit],
  );
  return rows.map(checkpointOf);
}

/** All of the rows after `after` and up to `last`, in their order; page by page. */
export async function* allCheckpoints(
  client: Queryable,
  { after, last }: { after: number; last: number },
): AsyncGenerator<Checkpoint> {
  for (let from = after; ; ) {
    const page = await readCheckpoints(client, { after: from, last, limit: PAGE_SIZE });
    yield* page;
    if (page.length < PAGE_SIZE) return;
    from = page.at(-1)?.chainSeq ?? from;
  }
}

/** A page of them, the newest first, and who signs. */
export async function listCheckpoints(
  client: Queryable,
  before: number | null,
  size: number,
): Promise<CheckpointPage> {
  const { rows } = await client.query<CheckpointRecord>(
    `select ${CHECKPOINT_COLUMNS} from audit_checkpoints as c cross join audit_head as h
     where c.chain_seq < $1 order by c.chain_seq desc limit $2`,
    [before ?? Number.MAX_SAFE_INTEGER, size + 1],
  );
  const checkpoints = rows.slice(0, size).map(checkpointOf);
  return { checkpoints, hasMore: rows.length > size, signers: await readSigners(client) };
}

/** What stands for the rows that are not kept any more; undefined while all are. */
export async function readBase(client: Queryable): Promise<Checkpoint | undefined> {
  const { rows } = await client.query<CheckpointRecord>(
    `select ${CHECKPOINT_COLUMNS} from audit_base as b join audit_checkpoints as c using (chain_seq)
     cross join audit_head as h`,
  );
  return rows[0] && checkpointOf(rows[0]);
}

/** Of `audit_checkpoints as c` and `audit_head as h`. */
const CHECKPOINT_COLUMNS = 'h.log_id, c.chain_seq, c.hash, c.signed_at, c.signer_id, c.signature';

interface CheckpointRecord {
  log_id: string;
  chain_seq: string;
  hash: Buffer;
  signed_at: Date;
  signer_id: string;
  signature: Buffer;
}

function checkpointOf({
  log_id,
  chain_seq,
  hash,
  signed_at,
  signer_id,
  signature,
}: CheckpointRecord): Checkpoint {
  return {
    logId: log_id,
    chainSeq: Number(chain_seq),
    hash,
    signedAt: signed_at,
    signerId: signer_id,
    signature,
  };
}

/** No transaction is open while the place takes its time: the lock is the connection's. */
async function deliver(
  pool: Pool,
  sink: string,
  store: (checkpoints: readonly Checkpoint[]) => Promise<void>,
): Promise<boolean> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_lock(hashtext($1), 2) as locked',
      [sink],
    );
    if (!rows[0]?.locked) return false;
    try {
      return await deliverNext(client, sink, store);
    } finally {
      await client.query('select pg_advisory_unlock(hashtext($1), 2)', [sink]).catch((error: Error) => {
        broken = error;
      });
    }
  } finally {
    // A connection that could not give the lock back takes it along.
    client.release(broken);
  }
}

async function deliverNext(
  client: Queryable,
  sink: string,
  store: (checkpoints: readonly Checkpoint[]) => Promise<void>,
): Promise<boolean> {
  const mark = (await readMarks(client)).find((one) => one.sink === sink);
  const after = mark?.chainSeq ?? 0;
  const next = await readCheckpoints(client, { after, last: Number.MAX_SAFE_INTEGER, limit: DELIVERIES });
  const last = next.at(-1);
  if (!last) return false;
  await store(next);
  await client.query(
    `insert into audit_checkpoint_sinks (sink, chain_seq) values ($1, $2)
     on conflict (sink) do update set chain_seq = excluded.chain_seq, stored_at = clock_timestamp()`,
    [sink, last.chainSeq],
  );
  return next.length === DELIVERIES;
}
