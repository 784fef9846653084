/** Takes old rows of the audit log away: `node services/audit/src/prune.ts --before …`, as the tables' owner. */
import { parseArgs } from 'node:util';
import { prunedEvent, RetentionError } from './domain/retention.ts';
import { runAsOwner, withOwner } from './owner.ts';
import { prunableRows, prune } from './storage/retention.ts';

const USAGE = `Takes away the rows of the audit log that were stored before an instant, up to the last checkpoint before it.
That checkpoint stands for them from then on: what is left verifies as before.

    node services/audit/src/prune.ts --before 2025-11-01T00:00:00Z

    --before INSTANT   with a time zone, and not in the future

It connects as AUDIT_OWNER_DATABASE_URL says, and leaves the event audit.pruned in the log. Export the rows and verify
them first, if they may still be needed: there is no way back.
`;
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

await runAsOwner(async () => {
  const { values } = parseArgs({
    options: { before: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) return USAGE;
  const before = instantOf(values.before);
  return await withOwner(async ({ pool, by, now, tell }) => {
    if (before > now) throw new RetentionError('--before is in the future');
    const rows = await prunableRows(pool, before);
    if (!rows) return 'nothing to prune: there are no rows up to the last checkpoint before then\n';
    // Before it begins: nothing goes without a trace, whatever ends it half-way.
    await tell(prunedEvent(rows, before, by, now));
    await prune(pool, rows);
    return `pruned the rows ${rows.first} to ${rows.last}; the checkpoint of ${rows.signedAt.toISOString()} stands for them\n`;
  });
});

function instantOf(text: string | undefined): Date {
  if (text === undefined) throw new RetentionError(`--before is missing\n\n${USAGE}`);
  const instant = new Date(text);
  if (INSTANT.test(text) && !Number.isNaN(instant.getTime())) return instant;
  throw new RetentionError('--before: expected an instant with a time zone, as 2025-11-01T00:00:00Z');
}
