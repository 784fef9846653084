import { callOptions } from '../api/call-options.ts';
import { InvalidRequestError, NotFoundError } from '../errors/errors.ts';
import type { Experiments } from '../model/experiment.ts';
import type { SearchRunsOptions, StartRunOptions } from '../model/run.ts';
import type { CallOptions } from '../model/values.ts';

/** MLflow makes it when a server starts for the first time. */
const MLFLOW_DEFAULT = 'Default';

interface Dependencies {
  experiments: Experiments;
  /** The configured one; MLflow's own default if undefined. */
  experimentName: string | undefined;
  experimentOf(runId: string, options: CallOptions): Promise<string>;
}

/** Which experiment a run begins in, and which ones a search covers. */
export interface ExperimentChoice {
  ofRun(options: StartRunOptions): Promise<string>;
  ofSearch(options: SearchRunsOptions): Promise<readonly string[]>;
}

export function createExperimentChoice(dependencies: Dependencies): ExperimentChoice {
  const { experiments, experimentName = MLFLOW_DEFAULT, experimentOf } = dependencies;
  return {
    ofRun: async (options) => {
      const call = callOptions(options);
      if (options.experimentId !== undefined && options.experimentName !== undefined) {
        throw new InvalidRequestError('A run begins in one experiment: give experimentId or experimentName.');
      }
      if (options.experimentId !== undefined) {
        return options.experimentId;
      }
      if (options.experimentName === undefined && options.parentRunId !== undefined) {
        return await experimentOf(options.parentRunId, call);
      }
      return (await experiments.getOrCreate(options.experimentName ?? experimentName, call)).experimentId;
    },
    ofSearch: async ({ experimentIds, experimentNames, ...options }) => {
      const call = callOptions(options);
      if (!experimentIds && !experimentNames) {
        // Nothing was tracked in it so far.
        const configured = await experiments.findByName(experimentName, call);
        return configured ? [configured.experimentId] : [];
      }
      const named = experimentNames?.map(async (name) => {
        const found = await experiments.findByName(name, call);
        if (!found) {
          throw new NotFoundError(`There is no experiment "${name}".`);
        }
        return found.experimentId;
      });
      return [...(experimentIds ?? []), ...(await Promise.all(named ?? []))];
    },
  };
}
