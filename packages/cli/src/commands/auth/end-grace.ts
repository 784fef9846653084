import type { Command } from 'commander';
import { keySchema } from '../../api/schemas.ts';
import type { Context } from '../../context.ts';
import { id, secretPrefix } from '../../input/values.ts';
import {
  type ConfirmOptions,
  leaf,
  type ResultOptions,
  withConfirmation,
  withResultOptions,
} from '../command.ts';
import { confirm } from '../confirm.ts';
import { withDestination } from '../result.ts';
import { keyPath } from './addresses.ts';
import { keyDetails, keyTitle } from './key-view.ts';

type Options = ResultOptions & ConfirmOptions;

export function endGrace(context: Context): Command {
  const command = leaf('end-grace', 'Stop a secret that a rotation retired, before its grace is over', [
    'hokusai auth end-grace 0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11 hk_live_4fJq0ZtY8wLs',
  ])
    .argument('<id>', "the key's id", id)
    .argument('<prefix>', "the retired secret's prefix, as show-key lists it", secretPrefix);
  withConfirmation(withResultOptions(command));
  return command.action(async (keyId: string, prefix: string, options: Options) => {
    const client = await context.connect(command);
    await confirm(
      context,
      options,
      () => `Stop the retired secret ${prefix}, so that who still uses it is refused?`,
    );
    await withDestination(context, options, async (destination) => {
      const path = `${keyPath(keyId)}/retired-secrets/${encodeURIComponent(prefix)}`;
      const { value, json } = await client.send(keySchema, { method: 'DELETE', path });
      await destination.deliver(json, () => keyDetails(value, context.now(), context.terminal.paper));
      context.terminal.note(`The secret ${prefix} of the key ${keyTitle(value)} does not work any more.`);
    });
  });
}
