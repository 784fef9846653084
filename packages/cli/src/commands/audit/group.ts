import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { group } from '../command.ts';
import { exportEvents } from './export.ts';
import { listEvents } from './list.ts';
import { showEvent } from './show.ts';
import { tail } from './tail.ts';
import { verify } from './verify.ts';

export function auditCommands(context: Context): Command {
  return group('audit', 'See who did what, and verify that nobody has touched the record', [
    listEvents(context),
    showEvent(context),
    exportEvents(context),
    verify(context),
    tail(context),
  ]);
}
