/** An MLflow server in this process's memory, where the SDK expects one behind HTTP. */
import { AbortedError, UnexpectedAnswerError } from '../../errors/errors.ts';
import type { HttpClient, JsonObject } from '../../http/client.ts';
import type { CallOptions } from '../../model/values.ts';
import { artifactRoutes, receive, send } from './artifacts.ts';
import { experimentRoutes } from './experiments.ts';
import { loggingRoutes } from './logging.ts';
import type { Memory } from './memory.ts';
import { modelRoutes } from './models.ts';
import { notFound } from './refusals.ts';
import type { Routes } from './request.ts';
import { runRoutes } from './runs.ts';
import { versionRoutes } from './versions.ts';

const API = '/api/2.0/mlflow/';
const LOGGED_MODEL = /^(logged-models\/)(?!search$).+/;

export function createMemoryClient(memory: Memory): HttpClient {
  const routes: Routes = {
    ...experimentRoutes(memory),
    ...runRoutes(memory),
    ...loggingRoutes(memory),
    ...modelRoutes(memory),
    ...versionRoutes(memory),
    ...artifactRoutes(memory),
    // It logs no models beside runs, as MLflow 3 does.
    'POST logged-models/search': () => ({}),
    'GET logged-models/{id}': () => {
      throw notFound('The mock has no logged models');
    },
  };
  return {
    json: ({ method, path, query, body }, options) =>
      answer(options, () => {
        const name = `${method} ${path.replace(API, '').replace(LOGGED_MODEL, '$1{id}')}`;
        const route = routes[name];
        if (!route) throw new UnexpectedAnswerError(`The mock has nothing at the address of ${name}`);
        return route({ ...query, ...(body as JsonObject | undefined) });
      }),
    upload: (request, options = {}) => answer(options, () => receive(memory, request, options)),
    download: (request, options) => answer(options, () => send(memory, request)),
    close: () => undefined,
  };
}

/** Never before the caller goes on, and not once the signal has ended it. */
async function answer<Result>(
  { signal }: CallOptions = {},
  act: () => Result | Promise<Result>,
): Promise<Result> {
  await Promise.resolve();
  try {
    signal?.throwIfAborted();
    return await act();
  } catch (error) {
    if (signal?.aborted) throw new AbortedError('The call was aborted', { cause: signal.reason });
    throw error;
  }
}
