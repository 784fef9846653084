/** Takes rows and personal values away, as the role that owns the tables. */
import { isSameHash } from '@hokusai/audit-chain';
import { type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import { type Erased, type ErasureCriterion, type PrunedRows, RetentionError } from '../domain/retention.ts';

/** So that appenders never wait long, and no transaction grows large. */
const BATCH_ROWS = 10_000;

/** The checkpoint that is to stand for all rows stored before `before`. */
const LAST_CHECKPOINT = `
  select c.chain_seq, c.hash, c.signed_at, e.hash as row_hash,
    (select count(*) from audit_checkpoint_sinks)::int as sinks,
    (select max(chain_seq) from audit_checkpoint_sinks) >= c.chain_seq as has_left
  from audit_checkpoints as c left join audit_events as e using (chain_seq)
  where c.signed_at <= $1 order by c.chain_seq desc limit 1`;

/**
 * The rows that can go, up to the last checkpoint before the instant; undefined: there are none. Throws RetentionError
 * where that checkpoint is only in this database, or contradicts its row.
 */
export async function prunableRows(pool: Pool, before: Date): Promise<PrunedRows | undefined> {
  const { rows } = await pool.query<{
    chain_seq: string;
    hash: Buffer;
    signed_at: Date;
    row_hash: Buffer | null;
    sinks: number;
    has_left: boolean;
  }>(LAST_CHECKPOINT, [before]);
  const [base] = rows;
  const kept = await pool.query<{ first: string | null }>('select min(chain_seq) as first from audit_events');
  const first = Number(kept.rows[0]?.first ?? 0);
  if (!base)
    throw new RetentionError(
      `no checkpoint was signed before ${before.toISOString()}: nothing could stand for the rows`,
    );
  const last = Number(base.chain_seq);
  if (first === 0 || first > last) return undefined;
  if (base.sinks > 0 && !base.has_left)
    throw new RetentionError(
      `the checkpoint of row ${last} has not left this database yet: wait until a sink has it`,
    );
  if (!base.row_hash || !isSameHash(base.row_hash, base.hash))
    throw new RetentionError(
      `row ${last} is not the one that was signed: the log was rewritten, and nothing is pruned`,
    );
  return { first, last, signedAt: base.signed_at };
}

/** Lets the checkpoint of row `last` stand for the rows up to it, and takes them away. */
export async function prune(pool: Pool, { first, last }: PrunedRows): Promise<void> {
  await pool.query(
    `insert into audit_base (chain_seq) values ($1)
     on conflict (only_row) do update set chain_seq = excluded.chain_seq where audit_base.chain_seq < excluded.chain_seq`,
    [last],
  );
  for (let from = first; from <= last; from += BATCH_ROWS)
    await transaction(pool, (client) => deleteRows(client, from, Math.min(from + BATCH_ROWS - 1, last)));
  await transaction(pool, async (client) => {
    await client.query("set local hokusai.retention = 'on'");
    await client.query('delete from audit_checkpoints where chain_seq < $1', [last]);
  });
}

async function deleteRows(client: Queryable, from: number, to: number): Promise<void> {
  await client.query("set local hokusai.retention = 'on'");
  await client.query('delete from personal_values where chain_seq between $1 and $2', [from, to]);
  await client.query('delete from audit_events where chain_seq between $1 and $2', [from, to]);
}

/** Rows whose values are erased, as a query with the value as $1 and a limit as $2. */
const ERASED: Record<ErasureCriterion['by'], string> = {
  email: byValue('email', 'email_before'),
  client_ip: byValue('client_ip'),
  user_id: `
    select p.ctid from personal_values as p where p.chain_seq in (
      select chain_seq from audit_events where actor_user_id = $1::uuid
      union select chain_seq from audit_events where target_type = 'user' and target_id = $1::text)
    limit $2`,
};

function byValue(...names: readonly string[]): string {
  const any = names.map((name) => `'${name}'`).join();
  return `select p.ctid from personal_values as p where p.name in (${any}) and p.value = $1 limit $2`;
}

/** Takes the values and their salts away; what is in the chain leads back to nothing then. */
export async function erase(pool: Pool, { by, value }: ErasureCriterion): Promise<Erased> {
  let values = 0;
  const events = new Set<string>();
  for (;;) {
    const { rows } = await pool.query<{ chain_seq: string }>(
      `delete from personal_values where ctid = any(array(${ERASED[by]})) returning chain_seq`,
      [value, BATCH_ROWS],
    );
    values += rows.length;
    for (const { chain_seq } of rows) events.add(chain_seq);
    if (rows.length < BATCH_ROWS) return { values, events: events.size };
  }
}
