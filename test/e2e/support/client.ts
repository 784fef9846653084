/** The stock Python client, run as a data scientist runs it: configured by environment variables alone. */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const scripts = join(import.meta.dirname, '../client');

export type Credentials = { token: string } | { username: string; password: string } | undefined;

export interface ClientRun {
  python: string;
  trackingUri: string;
  credentials: Credentials;
}

/** Runs one of the scripts in `client/`; returns the last line of its output. Throws with all of it if it fails. */
export async function runClient(run: ClientRun, script: string, ...args: string[]): Promise<string> {
  // A home of its own: neither a ~/.netrc nor credentials stored by MLflow may stand in for the variables.
  const home = await mkdtemp(join(tmpdir(), 'hokusai-client-'));
  try {
    const { stdout } = await promisify(execFile)(
      run.python,
      ['-W', 'ignore', join(scripts, script), ...args],
      {
        cwd: home,
        env: environmentOf(run, home),
        maxBuffer: 2 ** 24,
      },
    );
    return stdout.trim().split('\n').at(-1) ?? '';
  } finally {
    await rm(home, { recursive: true });
  }
}

function environmentOf({ trackingUri, credentials }: ClientRun, home: string): Record<string, string> {
  const env: Record<string, string> = {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    MLFLOW_TRACKING_URI: trackingUri,
    MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR: 'false',
    // One try is enough to see how the client words an error; the default is seven, over four minutes.
    MLFLOW_HTTP_REQUEST_MAX_RETRIES: '1',
    GIT_PYTHON_REFRESH: 'quiet',
  };
  if (credentials === undefined) return env;
  if ('token' in credentials) return { ...env, MLFLOW_TRACKING_TOKEN: credentials.token };
  return {
    ...env,
    MLFLOW_TRACKING_USERNAME: credentials.username,
    MLFLOW_TRACKING_PASSWORD: credentials.password,
  };
}
