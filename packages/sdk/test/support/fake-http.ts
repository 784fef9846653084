import type { ApiRequest, HttpClient } from '../../src/http/client.ts';
import type { JsonObject } from '../../src/http/json.ts';

type Answer = JsonObject | Error | Promise<JsonObject>;

/** A server of answers that a test gives, by the path below `/api/2.0/mlflow/`; without one it answers `{}`. */
export class FakeHttp implements HttpClient {
  readonly requests: ApiRequest[] = [];
  isClosed = false;
  readonly #answers: Record<string, (request: ApiRequest) => Answer>;

  constructor(answers: Record<string, (request: ApiRequest) => Answer>) {
    this.#answers = answers;
  }

  /** The bodies of what was sent to a path, in order, without the members that JSON leaves out. */
  bodies(path: string): JsonObject[] {
    return this.requests
      .filter((request) => request.path === `/api/2.0/mlflow/${path}`)
      .map(({ body }) =>
        Object.fromEntries(Object.entries(body ?? {}).filter(([, value]) => value !== undefined)),
      );
  }

  async json(request: ApiRequest): Promise<JsonObject> {
    this.requests.push(request);
    const answer = this.#answers[request.path.replace('/api/2.0/mlflow/', '')]?.(request) ?? {};
    if (answer instanceof Error) throw answer;
    return await answer;
  }

  upload(): Promise<void> {
    return Promise.reject(new Error('not part of the test'));
  }

  download(): Promise<never> {
    return Promise.reject(new Error('not part of the test'));
  }

  close(): void {
    this.isClosed = true;
  }
}
