import { type Command, Option } from 'commander';
import { userSchema } from '../../api/schemas.ts';
import type { Context } from '../../context.ts';
import { ROLES, USER_STATES } from '../../input/choices.ts';
import { leaf } from '../command.ts';
import { type PagingOptions, showList, withPaging } from '../paging.ts';
import { USERS, userColumns } from './user-view.ts';

interface Options extends PagingOptions {
  externalId?: string;
  email?: string;
  role?: string;
  state?: string;
}

export function listUsers(context: Context): Command {
  const command = leaf('list', 'List users, the newest first', [
    'hokusai users list --role admin',
    "hokusai users list --state disabled --all --json | jq -r '.data[].id'",
  ])
    .option('--external-id <id>', 'the user with this id elsewhere')
    .option('--email <address>', 'users with this address')
    .addOption(new Option('--role <role>', 'users of this role').choices(ROLES))
    .addOption(new Option('--state <state>', 'users that are so now').choices(USER_STATES));
  return withPaging(command).action((options: Options) =>
    showList(context, command, options, {
      path: USERS,
      query: {
        external_id: options.externalId,
        email: options.email,
        role: options.role,
        state: options.state,
      },
      schema: userSchema,
      columns: userColumns,
      what: 'users',
    }),
  );
}
