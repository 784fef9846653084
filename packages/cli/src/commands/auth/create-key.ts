import { type Command, Option } from 'commander';
import type { Context } from '../../context.ts';
import { ENVIRONMENTS } from '../../input/choices.ts';
import { instantOf, type When } from '../../input/time.ts';
import { count, id, list, metadata, seconds, when } from '../../input/values.ts';
import { momentFromNow } from '../../output/moments.ts';
import { given, leaf, type ResultOptions } from '../command.ts';
import { KEYS } from './addresses.ts';
import { keyTitle } from './key-view.ts';
import { deliverNewKey, whereItIs, withNewKeyOptions } from './new-key.ts';

interface Options extends ResultOptions {
  name: string;
  user?: string;
  environment?: string;
  scope?: string[];
  expires?: When;
  rateLimit?: number;
  burst?: number;
  burstWindow?: number;
  allowIp?: string[];
  metadata?: Record<string, unknown>;
}

export function createKey(context: Context): Command {
  const command = leaf('create-key', 'Create a key; it alone is printed on stdout, this once', [
    'KEY=$(hokusai auth create-key --name ci)',
    'hokusai auth create-key --name training --scope mlflow:read --scope mlflow:write --expires 90d',
    'hokusai auth create-key --name laptop --allow-ip 192.0.2.0/24 --output ~/.mlflow-key',
  ])
    .requiredOption('--name <name>', 'what people call it')
    .option('--user <id>', 'its owner (default: you)', id)
    .option('--scope <scope>', 'what it may do; repeatable (default: mlflow:read, mlflow:write)', list)
    .addOption(new Option('--environment <name>', 'live or test (default: live)').choices(ENVIRONMENTS))
    .option('--expires <when>', 'a duration such as 90d, 24h or 30m, an RFC 3339 time, or never', when)
    .option('--rate-limit <number>', 'requests an hour', count)
    .option('--burst <number>', 'requests in a burst window', count)
    .option('--burst-window <seconds>', 'length of the burst window', seconds)
    .option('--allow-ip <cidr>', 'where it may be used from; repeatable (default: anywhere)', list)
    .option(
      '--metadata <name=value>',
      'anything else to keep with it, or a JSON object; repeatable',
      metadata,
    );
  return withNewKeyOptions(command).action(async (options: Options) => {
    const client = await context.connect(command);
    const body = bodyOf(options, context.now());
    const key = await deliverNewKey(context, client, { method: 'POST', path: KEYS, body }, options);
    const { terminal } = context;
    const end =
      key.expires_at === null ? 'never expires' : `expires ${momentFromNow(key.expires_at, context.now())}`;
    terminal.note(`Created the key ${keyTitle(key)}, id ${key.id}, which ${end}.`);
    terminal.note(whereItIs(options));
  });
}

function bodyOf(options: Options, nowMs: number): object {
  return given({
    name: options.name,
    user_id: options.user,
    environment: options.environment,
    scopes: options.scope,
    expires_at: options.expires === undefined ? undefined : instantOf(options.expires, nowMs),
    rate_limit_per_hour: options.rateLimit,
    burst_limit: options.burst,
    burst_window_seconds: options.burstWindow,
    allowed_ips: options.allowIp,
    metadata: options.metadata,
  });
}
