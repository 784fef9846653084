import { callOptions } from '../api/call-options.ts';
import { checkObject } from '../api/given.ts';
import type { RunCalls } from '../api/runs.ts';
import { checkInt64 } from '../api/write.ts';
import type { Logger } from '../config/logger.ts';
import { InvalidRequestError } from '../errors/errors.ts';
import type { RunArtifacts } from '../model/artifact.ts';
import type { ExperimentManager } from '../model/manager.ts';
import type { Models } from '../model/registry.ts';
import type { RunInfo, Runs, StartRunOptions } from '../model/run.ts';
import type { ManagerConfig, ManagerDependencies } from './dependencies.ts';
import type { ExperimentChoice } from './experiment-choice.ts';
import { flushAll } from './flush-all.ts';
import { MetricBuffer } from './metric-buffer.ts';
import { MAX_ENTITIES } from './requests.ts';
import { MlflowRun } from './run.ts';

interface Dependencies extends ManagerDependencies {
  config: ManagerConfig;
  calls: RunCalls;
  choice: ExperimentChoice;
  artifactsOf(runId: string, artifactUri: string): RunArtifacts;
  registerFromRun: Models['registerFromRun'];
}

export interface RunStarter extends Pick<ExperimentManager, 'startRun' | 'withRun'>, Pick<Runs, 'resume'> {
  /** Of all runs that were begun or gone on with here. */
  flush(): Promise<void>;
  /** Lets no further run begin. */
  close(): void;
}

const PARENT = 'mlflow.parentRunId';
const DESCRIPTION = 'mlflow.note.content';
const USER = 'mlflow.user';

export function createRunStarter(dependencies: Dependencies): RunStarter {
  const { calls, config } = dependencies;
  const { flush, ...ends } = watchRuns(dependencies);
  const open = (info: RunInfo) => openRun(info, dependencies, { startRun, withRun, ...ends });

  let isClosed = false;
  const checkOpen = () => {
    if (isClosed) {
      throw new InvalidRequestError('The manager is closed: begin no run with it, make another one.');
    }
  };

  const start = async (options: StartRunOptions): Promise<MlflowRun> => {
    checkOpen();
    checkObject(options, 'The options of a run');
    const startTime = options.startTime ?? dependencies.clock.now();
    checkInt64(startTime, 'The start time');
    const tags = { ...dependencies.contextTags, ...tagsOf(options) };
    const experimentId = await dependencies.choice.ofRun(options);
    const { runName } = options;
    const run = { experimentId, runName, startTime, tags, userId: tags[USER] };
    return open(await calls.create(run, callOptions(options)));
  };

  const startRun: RunStarter['startRun'] = (options = {}) => start(options);

  const withRun: RunStarter['withRun'] = async (options, work) => {
    if (typeof work !== 'function') {
      throw new InvalidRequestError(
        'withRun takes options and a function: withRun({ runName }, async (run) => { … }).',
      );
    }
    const run = await start(options);
    let hasWorked = false;
    try {
      const result = await work(run);
      hasWorked = true;
      await run.end();
      return result;
    } catch (error) {
      await endOnceMore(run, hasWorked, config.logger);
      throw error;
    }
  };

  const resume: RunStarter['resume'] = async (runId, options) => {
    checkOpen();
    const { info } = await calls.get(runId, options);
    if (info.lifecycleStage === 'deleted') {
      throw new InvalidRequestError(
        `The run ${runId} is deleted: restore it (runs.restore('${runId}')) before it goes on.`,
      );
    }
    // 0 is MLflow's "has not ended".
    return open(await calls.update(runId, { status: 'RUNNING', endTime: 0 }, options));
  };

  const close = () => {
    isClosed = true;
  };
  return { startRun, withRun, resume, flush, close };
}

/** Those that have something to send or to tell. */
function watchRuns({
  config,
  exitWatch,
}: Dependencies): Pick<Opener, 'onBusy' | 'onSettled'> & Pick<RunStarter, 'flush'> {
  const busy = new Set<MlflowRun>();
  const flush = () => flushAll([...busy]);
  const unsent = { flush, tellLost: () => tellLost(busy, config.logger) };
  return {
    flush,
    onBusy: (run) => {
      busy.add(run);
      exitWatch.add(unsent);
    },
    onSettled: (run) => {
      busy.delete(run);
      if (busy.size === 0) exitWatch.remove(unsent);
    },
  };
}

interface Opener extends Pick<RunStarter, 'startRun' | 'withRun'> {
  onBusy(run: MlflowRun): void;
  /** Called when it has nothing to send and nothing to tell. */
  onSettled(run: MlflowRun): void;
}

function openRun(
  info: RunInfo,
  dependencies: Dependencies,
  { onBusy, onSettled: forget, ...starter }: Opener,
): MlflowRun {
  const { calls, config, clock, artifactsOf, registerFromRun, setTimer } = dependencies;
  const { runId } = info;
  const onSettled = () => {
    if (run.isSettled) {
      forget(run);
    }
  };
  const buffer = new MetricBuffer(
    { capacity: config.metricsBufferSize, perRequest: MAX_ENTITIES, flushMs: config.metricsFlushMs },
    {
      send: (metrics, options) => calls.logBatch(runId, { metrics }, options),
      setTimer,
      logger: config.logger,
      onSettled,
    },
  );
  const run = new MlflowRun(info, {
    ...starter,
    calls,
    buffer,
    artifacts: artifactsOf(runId, info.artifactUri),
    now: () => clock.now(),
    registerModel: (name, path, options) => registerFromRun(name, runId, path, options),
    onBusy: () => onBusy(run),
    onSettled,
  });
  return run;
}

/**
 * For whoever will not ask again. It may have ended before what failed did.
 *
 * @param hasWorked then what failed was its end alone
 */
async function endOnceMore(run: MlflowRun, hasWorked: boolean, logger: Logger): Promise<void> {
  if (run.hasEnded) {
    return;
  }
  try {
    await run.giveUp(hasWorked);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    logger.warn('A run that failed could not be ended: it stays RUNNING', { runId: run.runId, reason });
  }
}

function tellLost(runs: Iterable<MlflowRun>, logger: Logger): void {
  for (const { runId, unsentMetrics } of runs) {
    if (unsentMetrics > 0) {
      logger.error(
        'The process ends with metrics that were not sent: await flush(), end() or close() before',
        {
          runId,
          count: unsentMetrics,
        },
      );
    }
  }
}

function tagsOf({ tags, description, parentRunId }: StartRunOptions): Record<string, string> {
  return {
    ...tags,
    ...(description !== undefined && { [DESCRIPTION]: description }),
    ...(parentRunId !== undefined && { [PARENT]: parentRunId }),
  };
}
