import type { Command } from 'commander';
import { auditEventSchema } from '../../api/audit-schemas.ts';
import type { Context } from '../../context.ts';
import { id } from '../../input/values.ts';
import { leaf, type ResultOptions, withResultOptions } from '../command.ts';
import { withDestination } from '../result.ts';
import { eventPath } from './addresses.ts';
import { eventDetails } from './event-view.ts';

export function showEvent(context: Context): Command {
  const command = leaf('show', 'Show one event: who did what, from where, what changed', [
    'hokusai audit show 0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11',
  ]);
  command.argument('<id>', 'its id, as list shows it', id);
  return withResultOptions(command).action(async (eventId: string, options: ResultOptions) => {
    const client = await context.connect(command);
    await withDestination(context, options, async (destination) => {
      const request = { method: 'GET', path: eventPath(eventId) } as const;
      const { value, json } = await client.send(auditEventSchema, request);
      await destination.deliver(json, () => eventDetails(value, context.now(), context.terminal.paper));
    });
  });
}
