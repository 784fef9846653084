import type { Command } from 'commander';
import { auditEventSchema } from '../../api/audit-schemas.ts';
import type { Context } from '../../context.ts';
import { leaf } from '../command.ts';
import { type PagingOptions, showList, withPaging } from '../paging.ts';
import { type PeriodOptions, withPeriod } from '../period.ts';
import { EVENTS } from './addresses.ts';
import { eventColumns } from './event-view.ts';
import { type FilterOptions, filterQuery, periodQuery, withFilter } from './options.ts';

interface Options extends FilterOptions, PeriodOptions, PagingOptions {
  oldestFirst?: true;
}

export function listEvents(context: Context): Command {
  const command = leaf('list', 'List what was done, and by whom, the newest first', [
    'hokusai audit list --key 0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11',
    "hokusai audit list --action key.revoked --from 7d --all --json | jq -r '.data[].target.id'",
  ]);
  withPeriod(withFilter(command)).option('--oldest-first', 'the oldest first');
  return withPaging(command).action((options: Options) =>
    showList(context, command, options, {
      path: EVENTS,
      query: {
        ...filterQuery(options),
        ...periodQuery(options, context.now()),
        ...(options.oldestFirst && { oldest_first: true }),
      },
      isEndless: options.oldestFirst ?? false,
      schema: auditEventSchema,
      columns: eventColumns,
      what: 'events',
    }),
  );
}
