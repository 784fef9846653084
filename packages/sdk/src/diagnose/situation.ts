/** What a diagnosis begins with: the configuration as far as it can be used, and what else is set on this machine. */
import type { Environment, ExperimentManagerConfig, ResolvedConfig, Source } from '../config/config.ts';
import { resolveConfig } from '../config/config.ts';
import { sourceName } from '../config/describe.ts';
import { ConfigurationError } from '../errors/errors.ts';
import type { HomeFiles } from './python-client.ts';

/** What arguments are called, where they come from options of a command or the like. */
export interface ArgumentNames {
  trackingUri?: string;
  credentials?: string;
}

export interface Situation {
  /** undefined where there are problems. */
  config: ResolvedConfig | undefined;
  problems: readonly string[];
  /** To make requests with that need no credentials; undefined without a usable tracking URI. */
  anonymous: ResolvedConfig | undefined;
  /** The tracking URI as it was given; undefined if it is the default. */
  givenUri: string | undefined;
  env: Environment;
  files: HomeFiles;
  names: ArgumentNames;
}

export function situationOf(
  input: ExperimentManagerConfig,
  surroundings: { env: Environment; files: HomeFiles; names: ArgumentNames },
): Situation {
  const { env } = surroundings;
  const [config, problems] = resolved(input, env);
  const trackingUri = input.trackingUri ?? (env['MLFLOW_TRACKING_URI'] || undefined);
  const [anonymous] = resolved(trackingUri === undefined ? {} : { trackingUri }, {});
  const givenUri = trackingUri === undefined ? undefined : String(trackingUri);
  return { ...surroundings, config, problems, anonymous, givenUri };
}

function resolved(
  input: ExperimentManagerConfig,
  env: Environment,
): [config: ResolvedConfig | undefined, problems: readonly string[]] {
  try {
    return [resolveConfig(input, env), []];
  } catch (error) {
    if (error instanceof ConfigurationError) return [undefined, error.problems];
    throw error;
  }
}

/** Where a setting is from, for people. */
export function shownSource(source: Source, argument = 'an argument'): string {
  if (source === 'argument') return argument;
  return source === 'default' ? 'the default' : sourceName(source);
}

/** What is sent as a secret: the token, or Basic's password, which may be a key, too. */
export function secretOf({ credentials }: ResolvedConfig): string | undefined {
  const revealed = credentials.reveal();
  if (revealed.kind === 'none') return undefined;
  return revealed.kind === 'basic' ? revealed.password : revealed.token;
}
