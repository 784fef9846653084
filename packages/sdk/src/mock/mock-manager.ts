import { randomBytes } from 'node:crypto';
import { silentLogger } from '../config/logger.ts';
import { SETTINGS } from '../config/settings.ts';
import type { ManagerConfig } from '../manager/dependencies.ts';
import { noExitWatch } from '../manager/exit-watch.ts';
import { createMlflowManager } from '../manager/manager.ts';
import { systemTimer } from '../manager/timer.ts';
import type { ExperimentManager } from '../model/manager.ts';
import { countedRuns, randomRuns } from './ids.ts';
import type { MockOptions } from './options.ts';
import { createMemoryClient } from './server/client.ts';
import { createMemory } from './server/memory.ts';

export interface MockManagerOptions extends MockOptions, Partial<ManagerConfig> {
  /** Tags of every run begun here, unless it has its own. None if absent. */
  contextTags?: Readonly<Record<string, string>>;
}

export interface MockExperimentManager extends ExperimentManager {
  readonly isMock: true;
}

/**
 * The same interface without a server: what is tracked is kept in memory, by MLflow's rules, and is gone with the
 * manager. `docs/sdk/mock-mode.md` says where it differs from a server.
 */
export function createMockExperimentManager({
  now = Date.now,
  deterministicIds = false,
  contextTags = {},
  ...config
}: MockManagerOptions = {}): MockExperimentManager {
  const clock = { now: () => Math.trunc(now()) };
  const newRun = deterministicIds ? countedRuns() : randomRuns(() => randomBytes(16));
  const http = createMemoryClient(createMemory({ ...clock, newRun }));
  const usual: ManagerConfig = {
    experimentName: undefined,
    metricsBufferSize: SETTINGS.metricsBufferSize.fallback,
    metricsFlushMs: SETTINGS.metricsFlushMs.fallback,
    logger: silentLogger,
  };
  const manager = createMlflowManager({ ...usual, ...config }, http, {
    clock,
    setTimer: systemTimer,
    exitWatch: noExitWatch,
    contextTags,
  });
  return { ...manager, isMock: true };
}
