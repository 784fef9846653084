import type { Command } from 'commander';
import { keySchema } from '../../api/schemas.ts';
import type { Context } from '../../context.ts';
import { id } from '../../input/values.ts';
import { leaf, type ResultOptions, withResultOptions } from '../command.ts';
import { withDestination } from '../result.ts';
import { keyPath } from './addresses.ts';
import { keyDetails } from './key-view.ts';

export function showKey(context: Context): Command {
  const command = leaf(
    'show-key',
    'Show a key, and whether a secret that a rotation retired is still in use',
    ['hokusai auth show-key 0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11'],
  ).argument('<id>', 'its id', id);
  return withResultOptions(command).action(async (keyId: string, options: ResultOptions) => {
    const client = await context.connect(command);
    await withDestination(context, options, async (destination) => {
      const { value, json } = await client.send(keySchema, { method: 'GET', path: keyPath(keyId) });
      await destination.deliver(json, () => keyDetails(value, context.now(), context.terminal.paper));
    });
  });
}
