import { basename } from 'node:path';

/** What MLflow's clients say of whoever and whatever begins a run. */
export function contextTags(process: {
  /** The account's name; undefined if it has none. */
  user: string | undefined;
  /** The program's file; undefined where there is none, as on a prompt. */
  script: string | undefined;
}): Readonly<Record<string, string>> {
  return {
    'mlflow.source.type': 'LOCAL',
    ...(process.user !== undefined && { 'mlflow.user': process.user }),
    ...(process.script !== undefined && { 'mlflow.source.name': basename(process.script) }),
  };
}
