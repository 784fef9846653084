import { NotFoundError, UnexpectedAnswerError } from '../errors/errors.ts';
import type { CallOptions } from '../model/values.ts';
import type { Calls } from './calls.ts';
import { readObject, readObjects, readText, readTextOr } from './read.ts';
import { createSearch } from './search.ts';

/** Characters that MLflow refuses in the name of a logged model; none of them is special in its filters. */
const NEVER_IN_A_NAME = /[/:.%"']/;

/**
 * The ids of the models of that name that a run has logged: MLflow 3 keeps them beside the run's artifacts. None on a
 * server of 2.x, which does not know of them.
 */
export async function findLoggedModels(
  calls: Calls,
  run: { runId: string; experimentId: string },
  name: string,
  options?: CallOptions,
): Promise<readonly string[]> {
  if (name === '' || NEVER_IN_A_NAME.test(name)) {
    return [];
  }
  const search = createSearch(async (pageToken) => {
    const body = { experiment_ids: [run.experimentId], filter: `name = '${name}'`, page_token: pageToken };
    const answer = await calls.postRepeatably('logged-models/search', body, options);
    return {
      items: readObjects(answer, 'models').map((model) => readObject(model, 'info')),
      nextPageToken: readTextOr(answer, 'next_page_token', null),
    };
  });
  const modelIds: string[] = [];
  try {
    for await (const info of search) {
      if (readTextOr(info, 'source_run_id', '') === run.runId) {
        modelIds.push(readText(info, 'model_id'));
      }
    }
  } catch (error) {
    if (!isUnknownRoute(error)) {
      throw error;
    }
  }
  return modelIds;
}

/** The artifact URI of one of them. Rejects with `NotFoundError`. */
export async function locateLoggedModel(
  calls: Calls,
  modelId: string,
  options?: CallOptions,
): Promise<string> {
  const answer = await calls.get(`logged-models/${encodeURIComponent(modelId)}`, {}, options);
  return readText(readObject(readObject(answer, 'model'), 'info'), 'artifact_uri');
}

/** A server of 2.x answers 404 or 405 with a page, not with a code of MLflow's. */
function isUnknownRoute(error: unknown): boolean {
  const isMissing = error instanceof NotFoundError || error instanceof UnexpectedAnswerError;
  return isMissing && (error.status === 404 || error.status === 405) && error.errorCode === null;
}
