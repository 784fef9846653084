/**
 * What MLflow's Python client would send with a request. It takes credentials from more places than this SDK, and
 * `requests`, below it, replaces the header that it made.
 */
import type { Environment } from '../config/config.ts';
import { netrcEntry } from './netrc.ts';

/** Texts of files in the home folder; undefined where there is none that can be read. */
export interface HomeFiles {
  /** `$NETRC`, else `~/.netrc` or `~/_netrc`. */
  netrc: string | undefined;
  /** `~/.mlflow/credentials`. */
  mlflowCredentials: string | undefined;
}

export interface PythonCredential {
  kind: 'basic' | 'bearer' | 'other' | 'none';
  /** Where it is from: a variable, a file, the tracking URI. */
  source: string;
  /** The password or the token; undefined where only the client finds it out. */
  secret: string | undefined;
}

/** @param uri the tracking URI as it was given: it may hold a user name and a password */
export function pythonCredential(uri: string, env: Environment, files: HomeFiles): PythonCredential {
  return replacement(uri, env, files) ?? header(env, files);
}

/** What replaces the header that the client made. */
function replacement(uri: string, env: Environment, files: HomeFiles): PythonCredential | undefined {
  if (isTrue(env['MLFLOW_TRACKING_AWS_SIGV4'])) {
    return { kind: 'other', source: 'MLFLOW_TRACKING_AWS_SIGV4', secret: undefined };
  }
  if (env['MLFLOW_TRACKING_AUTH']) {
    return { kind: 'other', source: 'MLFLOW_TRACKING_AUTH', secret: undefined };
  }
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  const entry = url && files.netrc !== undefined ? netrcEntry(files.netrc, url.hostname) : null;
  if (entry) return { kind: 'basic', source: env['NETRC'] || '~/.netrc', secret: entry.password };
  if (url && (url.username !== '' || url.password !== '')) {
    return { kind: 'basic', source: 'the tracking URI', secret: decodeURIComponent(url.password) };
  }
  return undefined;
}

/** The header that the client makes: variables before the file, half of a pair from each if need be. */
function header(env: Environment, { mlflowCredentials }: HomeFiles): PythonCredential {
  const file = mlflowSection(mlflowCredentials ?? '');
  const username = env['MLFLOW_TRACKING_USERNAME'] || file.get('mlflow_tracking_username');
  const password = env['MLFLOW_TRACKING_PASSWORD'] || file.get('mlflow_tracking_password');
  if (username && password) {
    const isFromFile = !(env['MLFLOW_TRACKING_USERNAME'] && env['MLFLOW_TRACKING_PASSWORD']);
    const source = isFromFile
      ? '~/.mlflow/credentials'
      : 'MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD';
    return { kind: 'basic', source, secret: password };
  }
  const token = env['MLFLOW_TRACKING_TOKEN'];
  if (token) return { kind: 'bearer', source: 'MLFLOW_TRACKING_TOKEN', secret: token };
  return { kind: 'none', source: 'nowhere', secret: undefined };
}

/** Section `[mlflow]` of a file as Python's configparser reads it. */
function mlflowSection(text: string): Map<string, string> {
  const values = new Map<string, string>();
  let section = '';
  for (const line of text.split(/\r?\n/)) {
    const heading = /^\[([^\]]+)\]/.exec(line)?.[1];
    const [, name = '', value = ''] = /^\s*([^#;=:\s][^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (heading !== undefined) section = heading;
    else if (section === 'mlflow' && name !== '') values.set(name.toLowerCase(), value);
  }
  return values;
}

export function isTrue(value: string | undefined): boolean {
  return value !== undefined && /^(?:true|1)$/i.test(value);
}
