/** Databases for tests: each its own, on one server of the run, with the roles that production has. */
import { createHash, randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import {
  createDatabase as createOn,
  type DatabaseDefinition,
  databaseUrl,
  dropDatabase,
  freePort,
  provisionDatabase,
  runCommand,
  startPostgres,
} from '@hokusai/local-stack';
import { baseEnvironment, given, root } from './config.ts';
import { hasImage, startContainer } from './containers.ts';
import { eventually } from './eventually.ts';
import { closeAtEnd, runFolder } from './run.ts';
import { foreignServer, processControl, startServer, type TestServer } from './server.ts';
import { toolbox } from './toolbox.ts';

export type DatabaseService = 'keys' | 'usage' | 'audit';

export interface DatabaseOptions {
  /** Runs services/<service>/src/migrate.ts (default), once per run: the databases are copies. */
  migrate?: boolean;
}

export interface TestDatabase extends AsyncDisposable {
  name: string;
  /** As the service's role `hokusai_<service>`. */
  url: string;
  /** As the role `hokusai_<service>_owner`. */
  ownerUrl: string;
  /** As the superuser. */
  adminUrl: string;
  /** Drops it, with whoever is connected. */
  close(): Promise<void>;
}

export interface TestPostgres extends TestServer {
  /** As the superuser, to the database `postgres`. */
  adminUrl: string;
  createDatabase(service: DatabaseService, options?: DatabaseOptions): Promise<TestDatabase>;
}

const IMAGE = 'postgres:18';

let shared: Promise<TestPostgres> | undefined;

/** A database of the caller's own on the run's shared server. */
export async function createDatabase(
  service: DatabaseService,
  options?: DatabaseOptions,
): Promise<TestDatabase> {
  shared ??= createPostgresServer();
  return (await shared).createDatabase(service, options);
}

export interface PostgresServerOptions {
  /** As in production, rather than as fast as data that need not outlive the machine allow: for measurements. */
  isDurable?: boolean;
}

/** A server of the caller's own, for tests that break it. */
export async function createPostgresServer({
  isDurable = false,
}: PostgresServerOptions = {}): Promise<TestPostgres> {
  if (given.postgres !== undefined) return withDatabases(given.postgres, foreignServer('TEST_POSTGRES_URL'));
  const password = randomBytes(18).toString('base64url');
  const port = await freePort();
  if (await hasImage(IMAGE)) return await inContainer(password, port, isDurable);
  const folder = runFolder('postgres');
  const options = {
    port,
    binDirectory: dirname(await toolbox.server('postgres')),
    dataDirectory: join(folder, 'cluster'),
    superuserPassword: password,
    logFile: join(folder, 'postgres.log'),
    env: baseEnvironment(),
    isDurable,
  };
  let adminUrl = '';
  const server = await startServer(
    processControl(folder, async () => {
      const backend = await startPostgres(options);
      adminUrl = backend.adminUrl;
      return backend;
    }),
  );
  return withDatabases(adminUrl, server);
}

async function inContainer(password: string, port: number, isDurable: boolean): Promise<TestPostgres> {
  const adminUrl = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  const server = await startContainer({
    image: IMAGE,
    command: ['postgres', '-c', `fsync=${isDurable ? 'on' : 'off'}`, '-c', 'max_connections=200'],
    env: { POSTGRES_PASSWORD: password },
    ports: { 5432: port },
    isReady: () => dropDatabase(adminUrl, 'hokusai_no_such_database'),
  });
  return withDatabases(adminUrl, server);
}

function withDatabases(adminUrl: string, server: TestServer): TestPostgres {
  const templates = new Map<DatabaseService, Promise<string>>();
  const templateOf = (service: DatabaseService) => {
    const template = templates.get(service) ?? createTemplate(adminUrl, service);
    templates.set(service, template);
    return template;
  };
  return {
    ...server,
    adminUrl,
    createDatabase: async (service, { migrate = true } = {}) => {
      const definition = definitionOf(adminUrl, service, newName(service));
      const template = migrate ? await templateOf(service) : undefined;
      if (template === undefined) await provisionDatabase(adminUrl, definition);
      // The process that migrated it may not have been cleared away yet; a template must have no sessions.
      else await eventually(() => createOn(adminUrl, definition, template));
      return databaseOf(adminUrl, definition);
    },
  };
}

function newName(service: string): string {
  return `hokusai_${service}_${randomBytes(4).toString('hex')}`;
}

/** Passwords follow from the superuser's, so that runs which share a given server agree on them. */
function definitionOf(adminUrl: string, service: DatabaseService, name: string): DatabaseDefinition {
  const role = (roleName: string) => ({
    name: roleName,
    password: createHash('sha256')
      .update(`${roleName} ${new URL(adminUrl).password}`)
      .digest('base64url'),
  });
  return { name, serviceRole: role(`hokusai_${service}`), ownerRole: role(`hokusai_${service}_owner`) };
}

function databaseOf(adminUrl: string, { name, serviceRole, ownerRole }: DatabaseDefinition): TestDatabase {
  const drop = () => dropDatabase(adminUrl, name);
  // On a server of ours it goes with the server, which may be stopped by then.
  const close = given.postgres === undefined ? drop : closeAtEnd(drop);
  return {
    name,
    url: databaseUrl(adminUrl, name, serviceRole),
    ownerUrl: databaseUrl(adminUrl, name, ownerRole),
    adminUrl: databaseUrl(adminUrl, name),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function createTemplate(adminUrl: string, service: DatabaseService): Promise<string> {
  const definition = definitionOf(adminUrl, service, `${newName(service)}_template`);
  await provisionDatabase(adminUrl, definition);
  const { name, url, ownerUrl } = databaseOf(adminUrl, definition);
  const variable = service.toUpperCase();
  await runCommand(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', `services/${service}/src/migrate.ts`],
    {
      cwd: root,
      env: {
        ...baseEnvironment(),
        [`${variable}_DATABASE_URL`]: url,
        [`${variable}_OWNER_DATABASE_URL`]: ownerUrl,
      },
    },
  );
  return name;
}
