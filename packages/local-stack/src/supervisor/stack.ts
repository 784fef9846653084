/** Brings the whole stack up: what doesn't wait for each other goes at the same time. */
import { dirname, join } from 'node:path';
import { provisionBus } from '@hokusai/service-kit';
import { startMlflow } from '../backends/mlflow.ts';
import { startNats } from '../backends/nats.ts';
import { startPostgres } from '../backends/postgres.ts';
import { provisionDatabase } from '../backends/postgres-databases.ts';
import { startRedis } from '../backends/redis.ts';
import {
  DATABASE_SERVICES,
  type PortVariable,
  SERVICES,
  type ServiceName,
  type StartConfig,
} from '../config.ts';
import type { Toolbox } from '../python/toolbox.ts';
import { type Home, rotateLog } from './home.ts';
import type { Plan } from './plan.ts';
import type { Processes } from './processes.ts';
import type { Report } from './progress.ts';
import { runMigrations, startService } from './services.ts';

export interface StackOptions {
  /** The checkout. */
  root: string;
  home: Home;
  config: StartConfig;
  plan: Plan;
  ports: Readonly<Record<PortVariable, number>>;
  toolbox: Toolbox;
  processes: Processes;
  report: Report;
  /** Ends the start half way. */
  signal: AbortSignal;
}

export interface Stack {
  /** Python with MLflow, if one was installed; rejects with the first failure. */
  ready: Promise<{ mlflowPython: string | undefined }>;
  /** Resolves when nothing of the start goes on any more, however it ended. */
  settled: Promise<unknown>;
}

type Busy = (text: string) => void;

export function startStack(options: StackOptions): Stack {
  const { plan, processes, report, signal } = options;
  const parts: Promise<unknown>[] = [];

  /** Runs one part of the start and shows how it goes; `work` returns what to say of it in the end. */
  function part<Result>(
    name: string,
    work: (busy: Busy) => Promise<[text: string, result: Result]>,
  ): Promise<Result> {
    const running = (async () => {
      signal.throwIfAborted();
      try {
        const [text, result] = await work((busyText) => report({ kind: 'busy', part: name, text: busyText }));
        processes.watch(name);
        report({ kind: 'done', part: name, text });
        return result;
      } catch (error) {
        if (!signal.aborted) report({ kind: 'failed', part: name });
        throw error;
      }
    })();
    parts.push(running.catch(() => {}));
    return running;
  }

  const start = async () => {
    const mlflowStart = plan.local.mlflow ? part('mlflow', (busy) => mlflow(options, busy)) : undefined;
    const others = Promise.all([
      part('postgres', (busy) => databases(options, busy)),
      part('nats', (busy) => bus(options, busy)),
      plan.local.redis ? part('redis', (busy) => redis(options, busy)) : undefined,
    ]);
    // MLflow takes longest; the gateway comes up beside it and is ready when MLflow is.
    const services = others.then(() =>
      Promise.all(SERVICES.map((name) => part(name, (busy) => service(options, name, busy)))),
    );
    const [mlflowPython] = await Promise.all([mlflowStart, services]);
    return { mlflowPython };
  };

  const ready = start();
  const settled = ready.catch(() => {}).then(() => Promise.all(parts));
  return { ready, settled };
}

function backendOptions({ home, config, ports, processes }: StackOptions, name: string, port: PortVariable) {
  const logFile = home.logFile(name);
  rotateLog(logFile);
  return { port: ports[port], logFile, env: config.passedOn, onStart: processes.add };
}

async function databases(options: StackOptions, busy: Busy): Promise<[string, undefined]> {
  const { home, plan, ports, toolbox } = options;
  if (plan.local.postgres) {
    busy('installing');
    const program = await toolbox.server('postgres');
    busy('starting');
    const { adminUrl } = await startPostgres({
      ...backendOptions(options, 'postgres', 'POSTGRES_PORT'),
      binDirectory: dirname(program),
      dataDirectory: join(home.dataDirectory('postgres'), 'cluster'),
      superuserPassword: plan.postgresPassword,
      isDurable: true,
    });
    for (const definition of Object.values(plan.databases)) await provisionDatabase(adminUrl, definition);
  }
  busy('migrating');
  await Promise.all(DATABASE_SERVICES.map((name) => migrate(options, name)));
  return [plan.local.postgres ? `port ${ports.POSTGRES_PORT}` : 'as given', undefined];
}

async function migrate(
  { root, config, plan, signal }: StackOptions,
  name: (typeof DATABASE_SERVICES)[number],
) {
  await runMigrations(name, { root, env: { ...config.passedOn, ...plan.migrationEnv[name] }, signal });
}

async function bus(options: StackOptions, busy: Busy): Promise<[string, undefined]> {
  const { home, plan, ports, toolbox } = options;
  if (plan.local.nats) {
    busy('installing');
    const program = await toolbox.server('nats');
    busy('starting');
    await startNats({
      ...backendOptions(options, 'nats', 'NATS_PORT'),
      program,
      dataDirectory: home.dataDirectory('nats'),
      passwords: plan.natsPasswords,
    });
  }
  busy('creating the streams');
  await provisionBus(plan.natsAdminUrl);
  return [plan.local.nats ? `port ${ports.NATS_PORT}` : 'as given', undefined];
}

async function redis(options: StackOptions, busy: Busy): Promise<[string, undefined]> {
  const { home, plan, ports, toolbox } = options;
  busy('installing');
  const program = await toolbox.server('redis');
  busy('starting');
  await startRedis({
    ...backendOptions(options, 'redis', 'REDIS_PORT'),
    program,
    dataDirectory: home.dataDirectory('redis'),
    password: plan.redisPassword,
    isDurable: true,
  });
  return [`port ${ports.REDIS_PORT}`, undefined];
}

async function mlflow(options: StackOptions, busy: Busy): Promise<[string, string]> {
  const { home, ports, toolbox } = options;
  busy('installing');
  const python = await toolbox.mlflowPython();
  busy('starting');
  await startMlflow({
    ...backendOptions(options, 'mlflow', 'MLFLOW_PORT'),
    dataDirectory: home.dataDirectory('mlflow'),
    python,
  });
  return [`port ${ports.MLFLOW_PORT}`, python];
}

async function service(options: StackOptions, name: ServiceName, busy: Busy): Promise<[string, undefined]> {
  const { root, home, config, plan, ports, processes } = options;
  const logFile = home.logFile(name);
  rotateLog(logFile);
  busy('starting');
  // The gateway answers for itself where its users ask; the others on an internal port.
  const internalUrl = `http://127.0.0.1:${ports[`${name.toUpperCase()}_HEALTH_PORT` as PortVariable]}`;
  await startService({
    name,
    root,
    env: { ...config.passedOn, ...plan.serviceEnv[name] },
    logFile,
    readyUrl: `${name === 'gateway' ? plan.gatewayUrl : internalUrl}/readyz`,
    onStart: processes.add,
  });
  return [
    name === 'gateway' ? plan.gatewayUrl : `port ${ports[`${name.toUpperCase()}_GRPC_PORT` as PortVariable]}`,
    undefined,
  ];
}
