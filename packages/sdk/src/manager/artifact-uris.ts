import type { RunCalls } from '../api/runs.ts';
import type { CallOptions } from '../model/values.ts';

/** Asks the server once for where a run's artifacts are: that does not change. */
export function createArtifactUriOf(
  runs: Pick<RunCalls, 'get'>,
  known?: string,
): (runId: string, options?: CallOptions) => Promise<string> {
  let uri = known;
  return async (runId, options) => {
    uri ??= (await runs.get(runId, options)).info.artifactUri;
    return uri;
  };
}
