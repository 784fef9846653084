import type { Command } from 'commander';
import { keySchema } from '../../api/schemas.ts';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { instantOf, type When } from '../../input/time.ts';
import {
  countOr,
  id,
  list,
  metadata,
  type OrNone,
  orNull,
  secondsOr,
  version,
  when,
} from '../../input/values.ts';
import { given, leaf, type ResultOptions, withResultOptions } from '../command.ts';
import { withDestination } from '../result.ts';
import { keyPath } from './addresses.ts';
import { keyDetails, keyTitle } from './key-view.ts';

interface Options extends ResultOptions {
  name?: string;
  scope?: string[];
  expires?: When;
  rateLimit?: OrNone<number>;
  burst?: OrNone<number>;
  burstWindow?: OrNone<number>;
  allowIp?: string[];
  metadata?: Record<string, unknown>;
  ifVersion?: string;
}

export function updateKey(context: Context): Command {
  const command = leaf('update-key', 'Change a key; what is not named stays as it is', [
    'hokusai auth update-key 0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11 --expires 30d --rate-limit 1000',
    'hokusai auth update-key 0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11 --allow-ip any --burst default',
  ])
    .argument('<id>', 'its id', id)
    .option('--name <name>', 'what people call it')
    .option('--scope <scope>', 'what it may do, instead of what it may now; repeatable', list)
    .option('--expires <when>', 'a duration from now such as 90d, an RFC 3339 time, or never', when)
    .option('--rate-limit <number>', 'requests an hour, or default', countOr('default'))
    .option('--burst <number>', 'requests in a burst window, or default', countOr('default'))
    .option('--burst-window <seconds>', 'length of the burst window, or default', secondsOr('default'))
    .option(
      '--allow-ip <cidr>',
      'where it may be used from, instead of from where now; repeatable; or any',
      list,
    )
    .option(
      '--metadata <name=value>',
      'what to keep with it, or a JSON object, instead; repeatable',
      metadata,
    )
    .option('--if-version <version>', 'only if nobody changed it since it had this version', version);
  return withResultOptions(command).action(async (keyId: string, options: Options) => {
    const body = bodyOf(options, context.now());
    const client = await context.connect(command);
    await withDestination(context, options, async (destination) => {
      const request = { method: 'PATCH', path: keyPath(keyId), body } as const;
      const { value, json } = await client.send(keySchema, request);
      await destination.deliver(json, () => keyDetails(value, context.now(), context.terminal.paper));
      context.terminal.note(`Updated the key ${keyTitle(value)}.`);
    });
  });
}

function bodyOf(options: Options, nowMs: number): object {
  const changes = given({
    name: options.name,
    scopes: options.scope,
    expires_at: options.expires === undefined ? undefined : instantOf(options.expires, nowMs),
    rate_limit_per_hour: orNull(options.rateLimit),
    burst_limit: orNull(options.burst),
    burst_window_seconds: orNull(options.burstWindow),
    allowed_ips: options.allowIp?.join() === 'any' ? null : options.allowIp,
    metadata: options.metadata,
  });
  if (Object.keys(changes).length === 0) {
    throw new Failure('usage', 'There is nothing to change.', {
      advice: ['Name what to set, such as --name or --expires; --help lists all.'],
    });
  }
  return { ...changes, ...given({ if_version: options.ifVersion }) };
}
