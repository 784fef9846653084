/** Takes rows and personal values away, as the role that owns the tables. */
import { type Checkpoint, Signers } from '@hokusai/audit-chain';
import { type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import { type Erased, type ErasureCriterion, type PrunedRows, RetentionError } from '../domain/retention.ts';
import { readBase, readCheckpoints, readSigners } from './checkpoints.ts';
import { createVerification } from './verification.ts';

/** So that appenders never wait long, and no transaction grows large. */
const BATCH_ROWS = 10_000;

/** What a command needs of each table. Throws RetentionError where the role does not have it. */
export async function demandRights(
  client: Queryable,
  needed: Readonly<Record<string, 'delete' | 'insert'>>,
): Promise<void> {
  const { rows } = await client.query<{ role: string; lacking: string | null }>(
    `select current_user as role, string_agg(key || ' (' || value || ')', ', ') as lacking
     from json_each_text($1) where not has_table_privilege(key, value)`,
    [JSON.stringify(needed)],
  );
  const [{ role, lacking } = { role: '', lacking: null }] = rows;
  if (lacking)
    throw new RetentionError(
      `the role ${role} has no right to ${lacking}: AUDIT_OWNER_DATABASE_URL is not the owner's`,
    );
}

export interface PruneRequest {
  before: Date;
  /** Public keys of signers that are known. */
  pinned: readonly Uint8Array[];
  /** Places outside that are in use; none: all that the database knows of. */
  sinks: readonly string[];
}

/**
 * The rows that can go, up to the last checkpoint before the instant; undefined: there are none. Throws RetentionError
 * where that checkpoint is not everywhere outside, is not signed by a known key, or the rows up to it are not whole.
 */
export async function prunableRows(
  pool: Pool,
  { before, pinned, sinks }: PruneRequest,
): Promise<PrunedRows | undefined> {
  const base = await lastCheckpointBefore(pool, before);
  const kept = await pool.query<{ first: string | null }>('select min(chain_seq) as first from audit_events');
  const first = Number(kept.rows[0]?.first ?? 0);
  if (!base)
    throw new RetentionError(
      `no checkpoint was signed before ${before.toISOString()}: nothing could stand for the rows`,
    );
  const last = base.chainSeq;
  if (first === 0 || first > last) return undefined;
  await demandOutside(pool, base, sinks);
  await demandSigned(pool, base, pinned);
  await demandWhole(pool, last, pinned);
  return { first, last, signedAt: base.signedAt };
}

async function lastCheckpointBefore(pool: Pool, before: Date): Promise<Checkpoint | undefined> {
  const { rows } = await pool.query<{ chain_seq: string }>(
    'select chain_seq from audit_checkpoints where signed_at <= $1 order by chain_seq desc limit 1',
    [before],
  );
  const last = Number(rows[0]?.chain_seq ?? 0);
  return (await readCheckpoints(pool, { after: last - 1, last, limit: 1 }))[0];
}

/** By the place that is furthest behind. */
async function demandOutside(pool: Pool, { chainSeq }: Checkpoint, sinks: readonly string[]): Promise<void> {
  const { rows } = await pool.query<{ sink: string }>(
    `select sink from audit_checkpoint_sinks where cardinality($1::text[]) = 0
     union select unnest($1::text[])
     except select sink from audit_checkpoint_sinks where chain_seq >= $2
     order by sink`,
    [sinks, chainSeq],
  );
  const [behind] = rows;
  if (behind)
    throw new RetentionError(
      `the checkpoint of row ${chainSeq} has not left this database for ${behind.sink} yet: wait until it is there, or say by AUDIT_CHECKPOINT_DIR and AUDIT_CHECKPOINT_BUCKET_URL which places are in use`,
    );
}

async function demandSigned(pool: Pool, base: Checkpoint, pinned: readonly Uint8Array[]): Promise<void> {
  const signers = new Signers(base.logId, pinned);
  for (const signer of await readSigners(pool)) refuse(signers.add(signer));
  const trust = signers.trustIn(base.signerId);
  if (trust === undefined || trust === 'unpinned')
    refuse(`The checkpoint of row ${base.chainSeq} is signed by ${base.signerId}, which is not a known key.`);
  refuse(signers.problemOf(base));
}

async function demandWhole(pool: Pool, last: number, pinned: readonly Uint8Array[]): Promise<void> {
  const base = await readBase(pool);
  // Run before, and interrupted: what is left of these rows was verified then.
  if (base && base.chainSeq >= last) return;
  const { fault } = await createVerification(pool, pinned).verify(
    { from: null, to: last, witnesses: [] },
    new AbortController().signal,
  );
  refuse(fault && `Row ${fault.chainSeq}: ${fault.problem}`);
}

function refuse(problem: string | undefined): void {
  if (problem)
    throw new RetentionError(`${problem} The log is not the one that was signed: nothing is pruned.`);
}

/** Lets the checkpoint of row `last` stand for the rows up to it. */
export async function setBase(client: Queryable, { last }: PrunedRows): Promise<void> {
  await client.query(
    `insert into audit_base (chain_seq) values ($1)
     on conflict (only_row) do update set chain_seq = excluded.chain_seq where audit_base.chain_seq < excluded.chain_seq`,
    [last],
  );
}

/** Takes the rows away that the base stands for. */
export async function prune(pool: Pool, { first, last }: PrunedRows): Promise<void> {
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
export async function erase(client: Queryable, { by, value }: ErasureCriterion): Promise<Erased> {
  let values = 0;
  const events = new Set<string>();
  for (;;) {
    const { rows } = await client.query<{ chain_seq: string }>(
      `delete from personal_values where ctid = any(array(${ERASED[by]})) returning chain_seq`,
      [value, BATCH_ROWS],
    );
    values += rows.length;
    for (const { chain_seq } of rows) events.add(chain_seq);
    if (rows.length < BATCH_ROWS) return { values, events: events.size };
  }
}
