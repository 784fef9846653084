/** A keys service on a database with so many keys. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createServiceClient, type ServiceClient, services } from '@hokusai/contracts';
import type { ListKeysRequest } from '@hokusai/contracts/gen/keys/v1/ListKeysRequest';
import {
  createDatabase,
  freePort,
  grpcCallers,
  grpcToken,
  spawnService,
  type TestDatabase,
} from '@hokusai/testing';
import pg from 'pg';
import { type CursorAt, cursorsOf } from './deep-cursors.ts';
import type { Facts } from './lists.ts';

export interface Subject {
  facts: Facts;
  list(request: Omit<ListKeysRequest, 'caller'>): Promise<unknown>;
  /** Creates keys to validate. */
  issueKeys(count: number): Promise<void>;
  /** Validates the key that was issued as this one. */
  validate(index: number): Promise<unknown>;
  /** Reads the state of the key that was issued as this one. */
  readState(index: number): Promise<unknown>;
  /** From then on no digest fits, and a key's first proof takes Argon2. */
  restartWithAnotherPepper(): Promise<void>;
}

/** Some in flight at once when keys are made, which is not measured. */
const ISSUERS = 4;
const SEED = join(import.meta.dirname, 'seed.sql');
const FACTS = 50;
const tags = ringOf({ id: 'tag', secret: randomBytes(32) });

export async function openSubject(size: number): Promise<Subject> {
  const database = await createDatabase('keys');
  const pepper = { id: 'pepper', secret: randomBytes(32) };
  process.stderr.write(`making ${size} keys …\n`);
  const { facts, actingKeyId } = await withClient(database.ownerUrl, async (client) => {
    await client.query((await readFile(SEED, 'utf8')).replaceAll(':count', String(size)));
    return { facts: await factsOf(client, cursorsOf(pepper)), actingKeyId: await actingKeyOf(client) };
  });
  const caller = { actingKeyId, requestId: 'bench' };
  let service = await startService(database, pepper);
  const issued: { id: string; plaintext: string }[] = [];
  const nth = (index: number) => issued[index] ?? fail(`no key ${index} was issued`);
  return {
    facts,
    list: (request) => service.management.call('ListKeys', { caller, ...request }),
    issueKeys: async (count) => {
      const issue = async (share: number) => {
        for (let left = share; left > 0; left--) {
          const { key, plaintext } = await service.management.call('CreateKey', { caller, name: 'bench' });
          if (key) issued.push({ id: key.id, plaintext });
        }
      };
      await Promise.all(Array.from({ length: ISSUERS }, () => issue(Math.ceil(count / ISSUERS))));
    },
    validate: async (index) => {
      const { proof } = await service.validation.call('ValidateKey', { key: nth(index).plaintext });
      if (!proof) fail('a genuine key was not proved');
    },
    readState: (index) => service.validation.call('GetKeyState', { keyId: nth(index).id }),
    restartWithAnotherPepper: async () => {
      await service.stop();
      service = await startService(database, { ...pepper, secret: randomBytes(32) });
    },
  };
}

interface RunningService {
  management: ServiceClient<typeof services.keyManagement>;
  validation: ServiceClient<typeof services.keyValidation>;
  stop(): Promise<void>;
}

/** With the costs of production, and a pepper of its own. The event bus is away, which it has to bear. */
async function startService(
  database: TestDatabase,
  pepper: { id: string; secret: Buffer },
): Promise<RunningService> {
  const port = await freePort();
  const process = await spawnService({
    entry: 'services/keys/src/main.ts',
    env: {
      KEYS_DATABASE_URL: database.url,
      KEYS_GRPC_PORT: String(port),
      HEALTH_PORT: String(await freePort()),
      KEY_PEPPERS: ringOf(pepper),
      KEY_TAG_SECRETS: tags,
      MAX_KEYS_PER_USER: '1000000',
      NATS_URL: 'nats://keys:none@127.0.0.1:9',
      AUDIT_GRPC_URL: '127.0.0.1:9',
      AUDIT_GRPC_TOKEN: grpcToken,
      KEYS_GRPC_CALLERS: grpcCallers(services.keyManagement, services.keyValidation),
      LOG_LEVEL: 'error',
    },
  });
  const address = `127.0.0.1:${port}`;
  const options = { peer: 'keys service', address, timeoutMs: 60_000, token: grpcToken };
  const management = createServiceClient(services.keyManagement, options);
  const validation = createServiceClient(services.keyValidation, options);
  const stop = async () => {
    management.close();
    validation.close();
    await process.stop();
  };
  return { management, validation, stop };
}

async function factsOf(client: pg.Client, cursorAt: CursorAt): Promise<Facts> {
  const column = async (sql: string) =>
    (await client.query<{ value: string }>(sql, [FACTS])).rows.map(({ value }) => value);
  const positions = await client.query<{ id: string; created_at: Date }>(
    `select id, created_at from api_keys where created_at < now() - interval '30 months'
     order by created_at desc limit $1`,
    [FACTS],
  );
  const robots = await column("select id as value from users where external_id = 'robot' limit $1");
  return {
    userIds: await column(
      `select id as value from users where external_id like 'user-%'
         and exists (select from api_keys where user_id = users.id) order by created_at limit $1`,
    ),
    robotId: robots[0] ?? fail('there is no robot'),
    names: await column(
      "select name as value from api_keys where created_at > now() - interval '2 years' order by created_at limit $1",
    ),
    deepCursor: (request, round) => {
      const { id, created_at } =
        positions.rows[round % positions.rows.length] ?? fail('no key is old enough');
      return cursorAt({ id, createdAt: created_at }, request);
    },
  };
}

async function actingKeyOf(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>("select id from api_keys where key_prefix = 'acting'");
  return rows[0]?.id ?? fail('there is no acting key');
}

async function withClient<Result>(
  url: string,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function ringOf({ id, secret }: { id: string; secret: Buffer }): string {
  return `${id}:${secret.toString('base64url')}`;
}

function fail(message: string): never {
  throw new Error(message);
}
