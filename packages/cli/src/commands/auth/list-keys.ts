import { type Command, Option } from 'commander';
import { keySchema } from '../../api/schemas.ts';
import type { Context } from '../../context.ts';
import { ENVIRONMENTS, KEY_STATES } from '../../input/choices.ts';
import { instantOf, type When } from '../../input/time.ts';
import { id, whenBack, whenNotNever } from '../../input/values.ts';
import { leaf } from '../command.ts';
import { type PagingOptions, showList, withPaging } from '../paging.ts';
import { KEYS } from './addresses.ts';
import { keyColumns } from './key-view.ts';

type Moment = Exclude<When, 'never'>;

interface Options extends PagingOptions {
  user?: string;
  state?: string;
  environment?: string;
  scope?: string;
  name?: string;
  unusedSince?: Moment;
  expiresBefore?: Moment;
}

export function listKeys(context: Context): Command {
  const command = leaf('list-keys', 'List keys, the newest first', [
    'hokusai auth list-keys --state active --unused-since 30d',
    "hokusai auth list-keys --expires-before 7d --all --json | jq -r '.data[].id'",
  ])
    .option('--user <id>', 'keys of this user', id)
    .addOption(new Option('--state <state>', 'keys that are so now').choices(KEY_STATES))
    .addOption(new Option('--environment <name>', 'live or test keys').choices(ENVIRONMENTS))
    .option('--scope <scope>', 'keys with this scope')
    .option('--name <text>', 'keys with this in their names (one or two letters: at the start of a word)')
    .option('--unused-since <when>', 'keys not used for so long (30d), or since an RFC 3339 time', whenBack)
    .option(
      '--expires-before <when>',
      'keys that expire within so long (7d), or before a time',
      whenNotNever,
    );
  return withPaging(command).action((options: Options) =>
    showList(context, command, options, {
      path: KEYS,
      query: queryOf(options, context.now()),
      schema: keySchema,
      columns: keyColumns,
      what: 'keys',
    }),
  );
}

function queryOf({ unusedSince, expiresBefore, ...options }: Options, nowMs: number) {
  return {
    user_id: options.user,
    state: options.state,
    environment: options.environment,
    scope: options.scope,
    name: options.name,
    unused_since: unusedSince && (instantOf(unusedSince, nowMs) ?? undefined),
    expires_before: expiresBefore && (instantOf(expiresBefore, nowMs) ?? undefined),
  };
}
