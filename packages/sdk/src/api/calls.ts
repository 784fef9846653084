import type { HttpClient, Query } from '../http/client.ts';
import type { JsonObject } from '../http/json.ts';
import type { CallOptions } from '../model/values.ts';

/** Calls of MLflow's REST API, by their path below `/api/2.0/mlflow/`. Fields that are undefined are not sent. */
export interface Calls {
  get(path: string, query: Query, options?: CallOptions): Promise<JsonObject>;
  /** For what is applied once: it is not sent again where it may have been applied. */
  post(path: string, body: JsonObject, options?: CallOptions): Promise<JsonObject>;
  /** For what is the same done twice, in any order of answers: a search, setting a value. */
  postRepeatably(path: string, body: JsonObject, options?: CallOptions): Promise<JsonObject>;
  patch(path: string, body: JsonObject, options?: CallOptions): Promise<JsonObject>;
  /** MLflow takes the fields of a DELETE from its body. Removing what is not there rejects with `NotFoundError`. */
  delete(path: string, body: JsonObject, options?: CallOptions): Promise<JsonObject>;
  /** For removing what may be gone already: tags and aliases of the registry. */
  deleteRepeatably(path: string, body: JsonObject, options?: CallOptions): Promise<JsonObject>;
}

export function createCalls(http: HttpClient): Calls {
  type Method = 'POST' | 'PATCH' | 'DELETE';
  const send =
    (method: Method, isIdempotent: boolean) => (path: string, body: JsonObject, options?: CallOptions) =>
      http.json({ method, path: below(path), body, isIdempotent }, options);
  return {
    get: (path, query, options) => http.json({ method: 'GET', path: below(path), query }, options),
    post: send('POST', false),
    postRepeatably: send('POST', true),
    // All of MLflow's set a field to a value.
    patch: send('PATCH', true),
    delete: send('DELETE', false),
    deleteRepeatably: send('DELETE', true),
  };
}

function below(path: string): string {
  return `/api/2.0/mlflow/${path}`;
}
