/** The whole configuration of a start, our own and the services', checked before anything is installed. */
import { ConfigError, type Environment } from '@hokusai/service-kit';
import { loadStartConfig, PORT_VARIABLES, type PortVariable, SERVICES, type StartConfig } from '../config.ts';
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
    SERVICES.map((name) => configurationProblems(name, { root, env: stands(config, name) })),
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
    const wrong = new Set(error.problems.map((problem) => problem.split(':', 1)[0]?.replace(/_FILE$/, '')));
    const rest = Object.entries(env).filter(([name]) => !wrong.has(name.replace(/_FILE$/, '')));
    const partnerless = rest.filter(([name]) => !name.includes('_DATABASE_URL'));
    return { config: loadStartConfig(Object.fromEntries(partnerless), saved), problems: error.problems };
  }
}

/** A service's environment in which all that we will generate stands as an example. */
function stands(config: StartConfig, name: (typeof SERVICES)[number]): NodeJS.ProcessEnv {
  const ports = Object.fromEntries(PORT_VARIABLES.map((port) => [port, 1])) as Record<PortVariable, number>;
  const { serviceEnv } = createPlan({
    config,
    saved: {},
    ports,
    adminKeyFile: 'admin.key',
    spoolDirectory: 'usage-spool',
    random: (bytes) => Buffer.alloc(bytes).toString('base64url'),
  });
  return { ...config.passedOn, ...serviceEnv[name] };
}
