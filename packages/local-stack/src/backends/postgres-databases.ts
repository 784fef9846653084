/** One database per service, with the role that owns and migrates it and the role that the service connects as. */
import pg from 'pg';

export interface DatabaseDefinition {
  /** Name of the database. */
  name: string;
  /** May connect and look into the schema; everything else is for the migrations to grant. */
  serviceRole: { name: string; password: string };
  /** Owns the database and its schema. */
  ownerRole: { name: string; password: string };
}

/** Creates what is missing and sets the passwords; safe to repeat. */
export async function provisionDatabase(adminUrl: string, definition: DatabaseDefinition): Promise<void> {
  await withClient(adminUrl, async (client) => {
    // A statement that fails is logged by the server, and these hold passwords.
    await client.query("set log_min_error_statement = 'panic'");
    await upsertRole(client, definition.ownerRole);
    await upsertRole(client, definition.serviceRole);
  });
  await createDatabase(adminUrl, definition);
}

/** Creates the database if it is missing, as a copy of `template` if one is named. The roles must exist. */
export async function createDatabase(
  adminUrl: string,
  {
    name,
    serviceRole,
    ownerRole,
  }: { name: string; serviceRole: { name: string }; ownerRole: { name: string } },
  template?: string,
): Promise<void> {
  const [database, owner, service] = [name, ownerRole.name, serviceRole.name].map(pg.escapeIdentifier);
  await withClient(adminUrl, async (client) => {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [name]);
    if (rowCount !== 0) return;
    const from = template === undefined ? '' : ` template ${pg.escapeIdentifier(template)}`;
    await client.query(`create database ${database} owner ${owner}${from}`);
  });
  await withClient(databaseUrl(adminUrl, name), async (client) => {
    await client.query(`revoke all on database ${database} from public`);
    await client.query(`grant connect on database ${database} to ${service}`);
    await client.query(`alter schema public owner to ${owner}`);
    await client.query('revoke all on schema public from public');
    await client.query(`grant usage on schema public to ${service}`);
  });
}

/** Removes a database with whoever is connected to it. */
export async function dropDatabase(adminUrl: string, name: string): Promise<void> {
  await withClient(adminUrl, (client) =>
    client.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`),
  );
}

/** The URL of another database, or as another role, on the same server. */
export function databaseUrl(
  url: string,
  database: string,
  role?: { name: string; password: string },
): string {
  const changed = new URL(url);
  changed.pathname = `/${encodeURIComponent(database)}`;
  if (role) {
    changed.username = encodeURIComponent(role.name);
    changed.password = encodeURIComponent(role.password);
  }
  return changed.href;
}

async function upsertRole(
  client: pg.Client,
  { name, password }: { name: string; password: string },
): Promise<void> {
  const role = pg.escapeIdentifier(name);
  const { rowCount } = await client.query('select from pg_roles where rolname = $1', [name]);
  if (rowCount === 0) await client.query(`create role ${role}`);
  const rights = 'login nosuperuser nocreatedb nocreaterole noinherit noreplication nobypassrls';
  await client.query(`alter role ${role} ${rights} password ${pg.escapeLiteral(password)}`);
}

async function withClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
