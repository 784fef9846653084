import type { RunArtifacts } from './artifact.ts';
import type { Experiments } from './experiment.ts';
import type { Models } from './registry.ts';
import type { Run, Runs, StartRunOptions } from './run.ts';

/**
 * Tracks experiments on an MLflow server, through the gateway or not; or in memory, in mock mode. Made by
 * `createExperimentManager`.
 */
export interface ExperimentManager extends AsyncDisposable {
  /** True in mock mode: nothing leaves the process. */
  readonly isMock: boolean;
  readonly experiments: Experiments;
  readonly runs: Runs;
  readonly models: Models;

  startRun(options?: StartRunOptions): Promise<Run>;
  /**
   * Starts a run, does `work`, and ends the run: FINISHED, or FAILED if `work` throws, which is thrown again once the run
   * has ended.
   */
  withRun<Result>(options: StartRunOptions, work: (run: Run) => Result | Promise<Result>): Promise<Result>;
  /** The artifacts of any run. */
  artifactsOf(runId: string): RunArtifacts;
  /** Sends what the buffers of all runs hold. */
  flush(): Promise<void>;
  /** Flushes and closes connections. Runs that were not ended stay RUNNING on the server. */
  close(): Promise<void>;
}
