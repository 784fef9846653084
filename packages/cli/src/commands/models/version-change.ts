import type { CallOptions, ExperimentManager } from '@hokusai/ml-platform';
import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { withManager } from '../../tracking.ts';
import type { ResultOptions } from '../command.ts';
import { withDestination } from '../result.ts';
import { versionDetails, versionJson } from './model-view.ts';

export interface VersionChange {
  name: string;
  version: string;
  change: (manager: ExperimentManager, call: CallOptions) => Promise<void>;
  /** What was done, for people. */
  done: string;
}

/** Changes a version, and shows what has become of it. */
export async function changeVersion(
  context: Context,
  command: Command,
  options: ResultOptions,
  { name, version, change, done }: VersionChange,
): Promise<void> {
  await withDestination(context, options, async (destination) => {
    const changed = await withManager(context, command, async (manager, call) => {
      await change(manager, call);
      return manager.models.getVersion(name, version, call);
    });
    await destination.deliver(JSON.stringify(versionJson(changed)), () => versionDetails(changed, context));
    context.terminal.note(done);
  });
}
