import type { RunCalls } from '../api/runs.ts';
import { createSearchAfter } from '../api/search.ts';
import type { Runs } from '../model/run.ts';
import type { ExperimentChoice } from './experiment-choice.ts';
import type { RunStarter } from './run-starter.ts';

export function createRuns(calls: RunCalls, choice: ExperimentChoice, starter: RunStarter): Runs {
  return {
    get: calls.get,
    metricHistory: calls.metricHistory,
    update: async (runId, changes, options) => {
      await calls.update(runId, changes, options);
    },
    delete: calls.delete,
    restore: calls.restore,
    search: (options = {}) =>
      createSearchAfter(async () => {
        const experimentIds = await choice.ofSearch(options);
        // Without an experiment there are no runs.
        return experimentIds.length === 0
          ? () => Promise.resolve({ items: [] })
          : calls.search(experimentIds, options);
      }),
    resume: starter.resume,
  };
}
