/** The whole configuration of a start, our own and the services', checked before anything is installed. */
import { randomBytes } from 'node:crypto';
import { ConfigError, type Environment } from '@hokusai/service-kit';
import {
  loadStartConfig,
  PORT_VARIABLES,
  type PortVariable,
  SERVICES,
  type ServiceName,
  type StartConfig,
} from '../config.ts';
import { createPlan } from './plan.ts';
import { configurationProblems } from './services.ts';

/** Throws ConfigError with everything that is wrong, whoever reads it. */
export async function readConfiguration(
  root: string,
  env: NodeJS.ProcessEnv,
  saved: Environment,
): Promise<StartConfig> {
  const { config, problems } = tolerantly(env, saved);
  const services = await Promise.all(
    SERVICES.map((name) => configurationProblems(name, { root, env: exampleEnvironment(config, name) })),
  );
  const all = new Set([...problems, ...services.flat()]);
  if (all.size > 0) throw new ConfigError([...all]);
  return config;
}

/** What is wrong is left out, so that the services can still say what they think of the rest. */
function tolerantly(
  env: Environment,
  saved: Environment,
): { config: StartConfig; problems: readonly string[] } {
  try {
    return { config: loadStartConfig(env, saved), problems: [] };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const withoutFile = (name: string) => name.replace(/_FILE$/, '');
    const wrong = new Set(error.variables.map(withoutFile));
    // A database's two URLs come together: without the one that is wrong, the other would be wrong next.
    const isUsable = (name: string) => !wrong.has(withoutFile(name)) && !name.includes('_DATABASE_URL');
    const rest = Object.fromEntries(Object.entries(env).filter(([name]) => isUsable(name)));
    return { config: loadStartConfig(rest, saved), problems: error.problems };
  }
}

/** A service's environment, with examples for all that will be generated. */
function exampleEnvironment(config: StartConfig, name: ServiceName): NodeJS.ProcessEnv {
  // Each another one: no process could start with one port for two servers.
  const ports = Object.fromEntries(PORT_VARIABLES.map((name, index) => [name, index + 1])) as Record<
    PortVariable,
    number
  >;
  const { serviceEnv } = createPlan({
    config,
    saved: {},
    ports,
    adminKeyFile: 'admin.key',
    spoolDirectory: 'spool',
    checkpointDirectory: 'audit-checkpoints',
    random: (bytes) => randomBytes(bytes).toString('base64url'),
  });
  return { ...config.passedOn, ...serviceEnv[name] };
}
