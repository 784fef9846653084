import { find, type Query, type Searched, type Value } from '../filter/find.ts';
import { RUNS } from '../filter/grammar.ts';
import type { Identifier } from '../filter/parse.ts';
import type { StoredRun } from './memory.ts';

export function searchRuns(runs: readonly StoredRun[], query: Query): StoredRun[] {
  return find(runs, query, SEARCHED);
}

const SEARCHED: Searched<StoredRun> = {
  grammar: RUNS,
  look: (run, where) => values(run, where).filter((value) => value !== undefined),
  usualOrder: ['start_time DESC', 'run_id ASC'],
};

const DATASET_CONTEXT = 'mlflow.data.context';

function values(run: StoredRun, { kind, key }: Identifier): readonly (Value | undefined)[] {
  switch (kind) {
    case 'metric':
      return [metric(run, key)];
    case 'param':
      return [run.params.get(key)];
    case 'tag':
      return [run.tags.get(key)];
    case 'dataset':
      return run.datasets.map(({ dataset, tags }) =>
        key === 'context' ? tags[DATASET_CONTEXT] : dataset[key as 'name' | 'digest'],
      );
    default:
      return [attributes(run)[key]];
  }
}

function metric(run: StoredRun, key: string): number | undefined {
  const latest = run.metrics.get(key)?.latest;
  return latest?.isNan ? Number.NaN : latest?.value;
}

function attributes(run: StoredRun): Readonly<Record<string, Value | undefined>> {
  return {
    run_id: run.runId,
    run_name: run.runName,
    user_id: run.userId,
    status: run.status,
    artifact_uri: run.artifactUri,
    start_time: run.startTime,
    end_time: run.endTime,
  };
}
