import type { Command } from 'commander';
import { type Whoami, whoamiSchema } from '../../api/schemas.ts';
import type { Context } from '../../context.ts';
import { detailLines } from '../../output/details.ts';
import { momentFromNow } from '../../output/moments.ts';
import { leaf, type ResultOptions, withResultOptions } from '../command.ts';
import { withDestination } from '../result.ts';
import { WHOAMI } from './addresses.ts';
import { limitDetails } from './key-view.ts';

export function whoami(context: Context): Command {
  const command = leaf('whoami', 'Show which key is used, whose it is, and what it may do', [
    'hokusai auth whoami',
  ]);
  return withResultOptions(command).action(async (options: ResultOptions) => {
    const client = await context.connect(command);
    const { url, key } = client.access;
    await withDestination(context, options, async (destination) => {
      const { value, json } = await client.send(whoamiSchema, { method: 'GET', path: WHOAMI });
      await destination.deliver(json, () => details(value, context));
      context.terminal.note(`Asked ${url.value} (from ${url.source}) with the key from ${key.source}.`);
    });
  });
}

function details(caller: Whoami, { terminal, now }: Context): string {
  const { user, expires_at: end, secret_valid_until: graceEnd } = caller;
  return detailLines(
    [
      ['User', `${user.display_name} (${user.id})`],
      ['Role', user.role],
      ['Key', caller.name],
      ['Key id', caller.key_id],
      ['Prefix', caller.key_prefix],
      ['Environment', caller.environment],
      ['Scopes', caller.scopes.join(' ') || 'none'],
      ...limitDetails(caller),
      ['Expires', end === null ? 'never' : momentFromNow(end, now())],
      ['Secret retired', graceEnd == null ? null : `works until ${momentFromNow(graceEnd, now())}`],
    ],
    terminal.paper,
  );
}
