/** Where the log ends. */
import type { ChainHead } from '@hokusai/audit-chain';
import type { Queryable } from '@hokusai/service-kit';

export async function readHead(client: Queryable): Promise<ChainHead & { logId: string }> {
  const { rows } = await client.query<{ log_id: string; chain_seq: string; hash: Buffer }>(
    'select log_id, chain_seq, hash from audit_head',
  );
  const [head] = rows;
  if (!head) throw new Error('the audit log has no head: its migrations are missing');
  return { logId: head.log_id, chainSeq: Number(head.chain_seq), hash: head.hash };
}
