import assert from 'node:assert/strict';
import { verifyExport } from '../src/index.ts';
import { chainOf, KEY, linesOfRecords, recordsOf } from './support/log.ts';

it('an export that says which columns differ from a body is at fault, by row and column', async () => {
  const records = recordsOf({ rows: chainOf(5) }).map((record) =>
    record.type === 'event' && record.chain_seq === 3
      ? { ...record, altered_columns: ['occurred_at', 'action'] }
      : record,
  );
  const { fault } = await verifyExport(linesOfRecords(records), { pinned: [KEY.publicKey] });
  assert.deepEqual(fault, {
    chainSeq: 3,
    problem: 'The column occurred_at differs from the stored body: altered.',
    proof: 'chain',
  });
});
