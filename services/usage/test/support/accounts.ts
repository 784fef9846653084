/** Accounts of gateway processes, as they are asked for. */
import assert from 'node:assert/strict';
import type { Pool } from '@hokusai/service-kit';
import { type IncarnationIntegrity, judge, verdictOn } from '../../src/domain/integrity.ts';
import type { IntegrityQuery } from '../../src/domain/ports.ts';
import { readerOn } from './rolling.ts';

/** Since ever, if no period is named. The verdict on all of them is held against that on each. */
export async function integrityOn(pool: Pool, query: Partial<IntegrityQuery> = {}) {
  const whole = { from: new Date(0), to: new Date('2100-01-01T00:00:00Z'), after: null, limit: 10_000 };
  const { at, accounts, found } = await readerOn(pool).integrity({ ...whole, ...query });
  const judged = accounts.map((account) => judge(account, at.getTime()));
  const verdict = verdictOn(found, true);
  const isAll = query.after === undefined && query.limit === undefined;
  if (isAll) assert.deepEqual(verdict, verdictOnEach(judged));
  return { judged, verdict };
}

export async function judgedOn(pool: Pool, incarnation: string): Promise<IncarnationIntegrity> {
  const { judged } = await integrityOn(pool);
  return judged.find(({ account }) => account.incarnation === incarnation) ?? assert.fail('not heard of');
}

function verdictOnEach(judged: readonly IncarnationIntegrity[]) {
  const statuses = { open: 0, balanced: 0, gap: 0, unclean_end: 0 };
  for (const { status } of judged) statuses[status] += 1;
  return { isComplete: judged.every(({ isComplete }) => isComplete), statuses };
}
