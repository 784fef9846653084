/** The only reader of the environment in this package. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout. */
export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** Where the programs are installed: the same place as `npm start` uses. */
export const home = process.env['HOKUSAI_HOME'] || join(root, '.hokusai');

/** Servers that run already, to be used instead of our own. */
export const given = {
  /** As a superuser. */
  postgres: process.env['TEST_POSTGRES_URL'] || undefined,
  redis: process.env['TEST_REDIS_URL'] || undefined,
  /** As a user who may do everything in its account. */
  nats: process.env['TEST_NATS_URL'] || undefined,
  mlflow: process.env['TEST_MLFLOW_URL'] || undefined,
};

export const docker = {
  /** `unix:///path` or `tcp://host:port`. */
  host: process.env['DOCKER_HOST'] || 'unix:///var/run/docker.sock',
};

/** For our servers: what any program needs, and nothing that would configure one of them. */
export function baseEnvironment(): NodeJS.ProcessEnv {
  const names = [
    'PATH',
    'HOME',
    'TMPDIR',
    'LANG',
    'HOKUSAI_PYTHON',
    'NODE_COMPILE_CACHE',
    'NODE_V8_COVERAGE',
  ];
  return Object.fromEntries(
    names.filter((name) => process.env[name]).map((name) => [name, process.env[name]]),
  );
}

/** For the installer, which also needs to know of proxies, package indexes and its cache. */
export function fullEnvironment(): NodeJS.ProcessEnv {
  return process.env;
}
