/** Forgets values of a person in the audit log: `node scripts/run.js services/audit/src/erase.ts --email …`, as the tables' owner. */
import { parseArgs } from 'node:util';
import { isUuid } from '@hokusai/contracts';
import { type ErasureCriterion, erasedEvent, RetentionError } from './domain/retention.ts';
import { runAsOwner, withOwner } from './owner.ts';
import { demandRights, erase } from './storage/retention.ts';

const USAGE = `Erases values of a person from the audit log. The rows stay, and verify as before.

    node scripts/run.js services/audit/src/erase.ts --email ada@example.org
    node scripts/run.js services/audit/src/erase.ts --client-ip 192.0.2.1
    node scripts/run.js services/audit/src/erase.ts --user-id 5d1f7a3e-2f8e-4a8e-9f59-0a4b7e0d9c11

    --email ADDRESS    this address, wherever it stands, as it is written there
    --client-ip IP     this address, wherever it stands
    --user-id UUID     every personal value of what this user did, and of what was done to them

It connects as AUDIT_OWNER_DATABASE_URL says, and leaves the event audit.erased, without the values, in the log:
both are done, or neither.
Exports, backups and messages that are still at the broker keep what they have.
`;

await runAsOwner(async () => {
  const { values } = parseArgs({
    options: {
      email: { type: 'string' },
      'client-ip': { type: 'string' },
      'user-id': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return USAGE;
  const criterion = criterionOf(values);
  return await withOwner(async ({ pool, by, now, telling }) => {
    await demandRights(pool, { personal_values: 'delete' });
    const erased = await telling(async (client) => {
      const result = await erase(client, criterion);
      return { result, event: erasedEvent(criterion, result, by, now) };
    });
    return `erased ${erased.values} values of ${erased.events} events\n`;
  });
});

function criterionOf(given: { email?: string; 'client-ip'?: string; 'user-id'?: string }): ErasureCriterion {
  const criteria: ErasureCriterion[] = [];
  if (given.email !== undefined) criteria.push({ by: 'email', value: given.email });
  if (given['client-ip'] !== undefined) criteria.push({ by: 'client_ip', value: given['client-ip'] });
  if (given['user-id'] !== undefined) criteria.push({ by: 'user_id', value: given['user-id'].toLowerCase() });
  const [criterion] = criteria;
  if (!criterion || criteria.length > 1)
    throw new RetentionError(`expected one of --email, --client-ip and --user-id\n\n${USAGE}`);
  if (criterion.value === '') throw new RetentionError('expected a value to erase, and it is empty');
  if (criterion.by === 'user_id' && !isUuid(criterion.value))
    throw new RetentionError('--user-id: expected a uuid');
  return criterion;
}
