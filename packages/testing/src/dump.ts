/** Everything that a backend stores, as text by place, for a search of what must not be stored. */
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import pg from 'pg';

/** What stands where, such as `hokusai_keys.public.outbox`. Bytes that are no text are in it as hexadecimal or escaped. */
export type Dump = Map<string, string>;

/** All rows of all tables in all databases of a server. */
export async function dumpPostgres(adminUrl: string): Promise<Dump> {
  const dump: Dump = new Map();
  for (const { datname } of await select(adminUrl, 'select datname from pg_database where datallowconn')) {
    const url = new URL(adminUrl);
    url.pathname = `/${datname}`;
    const tables = await select(
      url.href,
      `select format('%I.%I', schemaname, tablename) as name from pg_tables
       where schemaname not in ('pg_catalog', 'information_schema')`,
    );
    for (const { name } of tables) {
      const rows = await select(url.href, `select t::text as line from ${name} t`);
      dump.set(`${datname}.${name}`, rows.map(({ line }) => line).join('\n'));
    }
  }
  return dump;
}

async function select(url: string, sql: string): Promise<Record<string, string>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

/** All keys of all databases of a server, with their values. */
export async function dumpRedis(url: string): Promise<Dump> {
  const client = new Redis(url);
  try {
    const dump: Dump = new Map();
    const [, databases = '16'] = (await client.config('GET', 'databases')) as string[];
    for (let database = 0; database < Number(databases); database += 1) {
      await client.select(database);
      for (const key of await client.keys('*')) {
        dump.set(`redis ${database} ${key}`, `${key} ${await redisValue(client, key)}`);
      }
    }
    return dump;
  } finally {
    client.disconnect();
  }
}

/** One byte to a character, as nobody says that values are text. */
async function redisValue(client: Redis, key: string): Promise<string> {
  const commands: Record<string, [string, ...string[]]> = {
    string: ['GET', key],
    hash: ['HGETALL', key],
    list: ['LRANGE', key, '0', '-1'],
    set: ['SMEMBERS', key],
    zset: ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
    stream: ['XRANGE', key, '-', '+'],
  };
  const type = await client.type(key);
  // Gone meanwhile: it had a time to live.
  if (type === 'none') return '';
  const command = commands[type];
  if (command === undefined) throw new Error(`the Redis key ${key} has the unknown type ${type}`);
  const [name, ...args] = command;
  return [(await client.callBuffer(name, ...args)) as RedisReply].flatMap(textsOf).join(' ');
}

type RedisReply = Buffer | number | null | RedisReply[];

function textsOf(reply: RedisReply): string[] {
  if (Array.isArray(reply)) return reply.flatMap(textsOf);
  return [Buffer.isBuffer(reply) ? reply.toString('latin1') : String(reply)];
}

/** All messages of all streams, headers included. */
export async function dumpJetStream(adminUrl: string): Promise<Dump> {
  const { host, username, password } = new URL(adminUrl);
  const pass = decodeURIComponent(password);
  const connection = await connect({ servers: host, user: decodeURIComponent(username), pass });
  try {
    const { streams } = await jetstreamManager(connection);
    const dump: Dump = new Map();
    for await (const { config, state } of streams.list()) {
      for (let seq = state.first_seq; state.messages > 0 && seq <= state.last_seq; seq += 1) {
        const message = await streams.getMessage(config.name, { seq });
        if (!message) continue;
        const { subject, header, data } = message;
        const headers = [...header].map(([name, values]) => `${name}: ${values.join(' ')}`);
        const text = [subject, ...headers, Buffer.from(data).toString('latin1')].join('\n');
        dump.set(`${config.name} ${seq}`, text);
      }
    }
    return dump;
  } finally {
    await connection.close();
  }
}
