/** Takes old rows of the audit log away: `node scripts/run.js services/audit/src/prune.ts --before …`, as the tables' owner. */
import { parseArgs } from 'node:util';
import { prunedEvent, RetentionError } from './domain/retention.ts';
import { runAsOwner, withOwner } from './owner.ts';
import { sinksOf } from './sinks/configured.ts';
import { demandRights, prunableRows, prune, setBase } from './storage/retention.ts';

const USAGE = `Takes away the rows of the audit log that were stored before an instant, up to the last checkpoint before it.
That checkpoint stands for them from then on: what is left verifies as before.

    node scripts/run.js services/audit/src/prune.ts --before 2025-11-01T00:00:00Z

    --before INSTANT   with a time zone, and not in the future
    --public-key KEY   of a signer of the log, in base64url: any number; those of AUDIT_SIGNING_KEYS are known, too

Before anything goes, the rows are verified, and the checkpoint by its signature. Each place of AUDIT_CHECKPOINT_DIR and
AUDIT_CHECKPOINT_BUCKET_URL has to have it; where neither is set, each that the database knows of.

It connects as AUDIT_OWNER_DATABASE_URL says, and leaves the event audit.pruned in the log. Export the rows and verify
them first, if they may still be needed: there is no way back.
`;
const KEYS_MISSING =
  "whose signatures count is not known: give --public-key, or the service's AUDIT_SIGNING_KEYS; what is pruned can't be verified any more";
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

await runAsOwner(async () => {
  const { values } = parseArgs({
    options: {
      before: { type: 'string' },
      'public-key': { type: 'string', multiple: true },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return USAGE;
  const before = instantOf(values.before);
  const publicKeys = (values['public-key'] ?? []).map(publicKeyOf);
  return await withOwner(async ({ config, pool, by, now, telling }) => {
    if (before > now) throw new RetentionError('--before is in the future');
    await demandRights(pool, {
      audit_base: 'insert',
      audit_events: 'delete',
      personal_values: 'delete',
      audit_checkpoints: 'delete',
    });
    const pinned = [...(config.AUDIT_SIGNING_KEYS?.publicKeys ?? []), ...publicKeys];
    if (pinned.length === 0) throw new RetentionError(KEYS_MISSING);
    const sinks = sinksOf(config).map(({ name }) => name);
    const rows = await prunableRows(pool, { before, pinned, sinks });
    if (!rows) return 'nothing to prune: there are no rows up to the last checkpoint before then\n';
    // With the event, before anything goes: whatever ends it half-way, the log says so, and it can be run again.
    await telling(async (client) => {
      await setBase(client, rows);
      return { result: undefined, event: prunedEvent(rows, before, by, now) };
    });
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

function publicKeyOf(text: string): Uint8Array {
  const key = Buffer.from(text, 'base64url');
  if (/^[A-Za-z0-9_-]{43}$/.test(text) && key.length === 32) return key;
  throw new RetentionError('--public-key: expected 32 bytes in base64url');
}
