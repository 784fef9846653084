/** Runs a service as one process, or as several that share its port. */
import cluster from 'node:cluster';
import { type Lifecycle, type RunConfiguration, runService } from '../lifecycle.ts';
import type { Logger } from '../log.ts';
import { type ParentSettings, superviseWorkers } from './parent.ts';
import { onlyProcess, type ServingProcess, workerOfParent } from './self.ts';

export interface WorkersOptions<Config> {
  configuration: RunConfiguration<Config>;
  parent: (config: Config) => ParentSettings;
  /** Returns when the process is ready, as in `runService`. */
  start: (config: Config, lifecycle: Lifecycle, self: ServingProcess) => Promise<Logger>;
}

/**
 * As `runService`, but with more than one worker the process that was started only holds the port and
 * looks after them: it replaces those that die, SIGTERM ends them all, SIGHUP replaces them one after the
 * other, and lets the former ones finish what they have under way. It reads the configuration first, so that
 * what is wrong with it is said once.
 */
export function runWorkers<Config>({ configuration, parent, start }: WorkersOptions<Config>): void {
  if (cluster.isWorker) {
    const self = workerOfParent();
    runService(configuration, async (config, lifecycle) => {
      void self.retired.then(() => lifecycle.retire());
      const logger = await start(config, lifecycle, self);
      self.started();
      return logger;
    });
    return;
  }
  runService(configuration, (config, lifecycle) => {
    const settings = parent(config);
    return settings.workers > 1
      ? superviseWorkers(settings, lifecycle)
      : start(config, lifecycle, onlyProcess);
  });
}
