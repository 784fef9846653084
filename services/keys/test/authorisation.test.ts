/** Who may do what: every operation, by every kind of caller, on every kind of target, through gRPC. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { createServiceClient, HokusaiError, type ServiceClient, services } from '@hokusai/contracts';
import { SCOPES } from '@hokusai/contracts/scopes';
import { bindService, type RunningGrpcServer, startGrpcServer } from '@hokusai/service-kit';
import { createDatabase, grpcAdmission, grpcToken, type TestDatabase } from '@hokusai/testing';
import { managementHandlers } from '../src/grpc/management.ts';
import { userHandlers } from '../src/grpc/users.ts';
import { type Core, openCore } from './support/core.ts';

/** `yes`, the code of the refusal, or `empty` for a list without the target. */
type Answer = 'yes' | 'empty' | 'permission_denied' | 'not_found' | 'unprocessable';
/** The target is the caller's own (their key, they themself), somebody else's, or nobody's. */
type Ownership = 'own' | 'other' | 'unknown';
const OWNERSHIPS: readonly Ownership[] = ['own', 'other', 'unknown'];
type ByOwnership = readonly [own: Answer, other: Answer, unknown: Answer];

interface Rule {
  /** The one scope that it needs. */
  scope: string;
  /** Answers to someone who holds that scope and not `admin`; null: there is no such one. */
  holder: ByOwnership | null;
  /** Answers to someone who holds `admin`. */
  admin: ByOwnership;
  /** Answer about a live key that they may reach, if the acting key is a test key; absent: it is not about a key. */
  liveFromTest?: Answer;
}

const no = { found: 'not_found', valid: 'unprocessable' } as const;
const REACHES_OWN = ['yes', no.found, no.found] as const;
const REACHES_ALL = ['yes', 'yes', no.found] as const;
const own = { scope: 'keys:write', holder: REACHES_OWN, admin: REACHES_ALL };
const forAdmins = { scope: 'admin', holder: null } as const;

const RULES = {
  GetKey: { ...own, scope: 'keys:read', liveFromTest: 'yes' },
  ListKeys: {
    ...{ scope: 'keys:read', liveFromTest: 'yes' },
    ...{ holder: ['yes', 'empty', 'empty'], admin: ['yes', 'yes', 'empty'] },
  },
  CreateKey: {
    ...{ scope: 'keys:write', liveFromTest: no.valid },
    ...{ holder: ['yes', no.valid, no.valid], admin: ['yes', 'yes', no.valid] },
  },
  UpdateKey: { ...own, liveFromTest: 'yes' },
  RotateKey: { ...own, liveFromTest: 'permission_denied' },
  RevokeKey: { ...own, liveFromTest: 'yes' },
  EndRetiredSecret: { ...own, liveFromTest: 'yes' },
  CreateUser: { ...forAdmins, admin: ['yes', 'yes', 'yes'] },
  GetUser: { ...forAdmins, admin: REACHES_ALL },
  ListUsers: { ...forAdmins, admin: ['yes', 'yes', 'empty'] },
  UpdateUser: { ...forAdmins, admin: REACHES_ALL },
} satisfies Record<string, Rule>;
type Method = keyof typeof RULES;

type Role = 'member' | 'admin';
type Environment = 'live' | 'test';

interface Case {
  role: Role;
  /** Scopes of the acting key. */
  scopes: readonly string[];
  acting: Environment;
  ownership: Ownership;
  /** Environment of the target key. */
  target: Environment;
}

function expected({ scope, holder, admin, liveFromTest }: Rule, each: Case): Answer {
  const place = OWNERSHIPS.indexOf(each.ownership);
  // A member's key with this scope may do all but what takes an admin.
  const hasAdminScope = each.scopes.includes('admin');
  let answers: ByOwnership | null = null;
  if (hasAdminScope && each.role === 'admin') answers = admin;
  else if (hasAdminScope || each.scopes.includes(scope)) answers = holder;
  const answer = answers?.[place] ?? 'permission_denied';
  return answer === 'yes' && each.acting === 'test' && each.target === 'live'
    ? (liveFromTest ?? answer)
    : answer;
}

function casesOf({ scope, liveFromTest }: Rule): Case[] {
  const others = SCOPES.filter((one) => one !== scope && one !== 'admin');
  const environments = ['live', 'test'] as const;
  const targets = liveFromTest === undefined ? (['live'] as const) : environments;
  const cases = (['member', 'admin'] as const).flatMap((role) =>
    [...SCOPES.map((one) => [one]), others].flatMap((scopes) =>
      OWNERSHIPS.flatMap((ownership) =>
        targets.flatMap((target) =>
          environments.map((acting) => ({ role, scopes, ownership, target, acting })),
        ),
      ),
    ),
  );
  // No test key gets the scope admin: the tests of creation and change see to that.
  return cases.filter(({ scopes, acting }) => acting === 'live' || !scopes.includes('admin'));
}

interface Given {
  caller: { actingKeyId: string };
  environment: Environment;
  keyId: string;
  /** Of a retired secret. */
  keyPrefix: string;
  userId: string;
}

const ENVIRONMENTS = { live: 'ENVIRONMENT_LIVE', test: 'ENVIRONMENT_TEST' } as const;
const PARALLEL = 8;

describe('authorisation', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let core: Core;
  let server: RunningGrpcServer;
  let keys: ServiceClient<typeof services.keyManagement>;
  let users: ServiceClient<typeof services.userManagement>;

  before(async () => {
    database = await createDatabase('keys');
    core = openCore(database.url);
    const admission = grpcAdmission(services.keyManagement, services.userManagement);
    server = await startGrpcServer({ host: '127.0.0.1', port: 0, ...admission }, [
      bindService(
        services.keyManagement,
        managementHandlers(core.management, () => {}),
      ),
      bindService(
        services.userManagement,
        userHandlers(core.users, () => {}),
      ),
    ]);
    const options = {
      peer: 'keys',
      address: `127.0.0.1:${server.port}`,
      timeoutMs: 30_000,
      token: grpcToken,
    };
    keys = createServiceClient(services.keyManagement, options);
    users = createServiceClient(services.userManagement, options);
  });

  after(async () => {
    keys?.close();
    users?.close();
    await server?.close();
    await core?.close();
    await database?.close();
  });

  /** What each operation is asked for; true if the answer is about the target. */
  const calls: Readonly<Record<Method, (given: Given) => Promise<boolean>>> = {
    GetKey: async ({ caller, keyId }) => (await keys.call('GetKey', { caller, keyId })).key?.id === keyId,
    ListKeys: async ({ caller, userId }) => {
      const list = await keys.call('ListKeys', { caller, userId });
      return list.keys.some((key) => key.userId === userId);
    },
    CreateKey: async ({ caller, userId, environment }) => {
      const request = { caller, userId, environment: ENVIRONMENTS[environment], name: 'child' };
      const { key } = await keys.call('CreateKey', { ...request, scopes: { scopes: ['keys:write'] } });
      return key?.userId === userId && key.createdByKeyId === caller.actingKeyId;
    },
    UpdateKey: async ({ caller, keyId }) => {
      const change = { updateMask: { paths: ['name'] }, name: 'renamed' };
      return (await keys.call('UpdateKey', { caller, keyId, ...change })).key?.name === 'renamed';
    },
    RotateKey: async ({ caller, keyId }) =>
      (await keys.call('RotateKey', { caller, keyId })).key?.retiredSecrets.length === 2,
    RevokeKey: async ({ caller, keyId }) =>
      (await keys.call('RevokeKey', { caller, keyId })).key?.revokedAt !== null,
    EndRetiredSecret: async ({ caller, keyId, keyPrefix }) =>
      (await keys.call('EndRetiredSecret', { caller, keyId, keyPrefix })).key?.version !== '1',
    CreateUser: async ({ caller }) =>
      (await users.call('CreateUser', { caller, displayName: 'New' })).user?.displayName === 'New',
    GetUser: async ({ caller, userId }) =>
      (await users.call('GetUser', { caller, userId })).user?.id === userId,
    ListUsers: async ({ caller, userId }) => {
      // Each user's external id is their id.
      const list = await users.call('ListUsers', { caller, externalId: userId });
      return list.users.some(({ id }) => id === userId);
    },
    UpdateUser: async ({ caller, userId }) => {
      const change = { updateMask: { paths: ['display_name'] }, displayName: 'Renamed' };
      return (await users.call('UpdateUser', { caller, userId, ...change })).user?.displayName === 'Renamed';
    },
  };

  it('has a rule for every method of the two services', () => {
    const methods = [...Object.keys(services.keyManagement), ...Object.keys(services.userManagement)];
    assert.deepEqual(Object.keys(RULES).toSorted(), methods.toSorted());
  });

  for (const [method, rule] of Object.entries(RULES) as [Method, Rule][]) {
    it(`is as the table says for ${method}`, async () => {
      const wrong: string[] = [];
      const cases = casesOf(rule);
      const work = async () => {
        for (let each = cases.shift(); each; each = cases.shift()) {
          const actual = await answerTo(method, each);
          if (actual !== expected(rule, each)) wrong.push(`${JSON.stringify(each)}: ${actual}`);
        }
      };
      await Promise.all(Array.from({ length: PARALLEL }, work));
      assert.deepEqual(wrong, []);
    });
  }

  /** Makes caller and target anew, and lets the one do it to the other. What is refused changes nothing. */
  async function answerTo(method: Method, each: Case): Promise<Answer> {
    const actor = await insertUser(each.role);
    const acting = await insertKey(actor, each.acting, each.scopes);
    const owner = each.ownership === 'own' ? actor : await insertUser('member');
    // With a scope that nobody lacks who may rotate it.
    const target = await insertKey(owner, each.target, ['keys:write']);
    const isKnown = each.ownership !== 'unknown';
    const given = {
      ...{ caller: { actingKeyId: acting.id }, environment: each.target },
      ...{ keyId: isKnown ? target.id : randomUUID(), keyPrefix: target.retiredPrefix },
      userId: isKnown ? owner : randomUUID(),
    };
    const before = await traces(target.id, owner);
    try {
      return (await calls[method](given)) ? 'yes' : 'empty';
    } catch (error) {
      assert.ok(error instanceof HokusaiError, String(error));
      assert.deepEqual(await traces(target.id, owner), before, `${method} of ${JSON.stringify(each)}`);
      assert.equal(await refusalsOf(acting.id), 1, `${method} of ${JSON.stringify(each)} left no trace`);
      return error.code as Answer;
    }
  }

  async function insertUser(role: Role): Promise<string> {
    const id = randomUUID();
    const text = 'insert into users (id, external_id, display_name, role) values ($1, $2, $3, $4)';
    await core.pool.query(text, [id, id, 'Somebody', role]);
    return id;
  }

  /** Straight into the table: some of them could not be created as they are. */
  async function insertKey(userId: string, environment: Environment, scopes: readonly string[]) {
    const id = randomUUID();
    const [prefix, retiredPrefix] = [randomBytes(10).toString('hex'), randomBytes(10).toString('hex')];
    await core.pool.query(
      `with key as (
         insert into api_keys (id, key_prefix, key_hash, user_id, name, environment, scopes, rate_limit_per_hour,
           version)
         values ($1::uuid, $2, '$argon2id$', $3, 'key', $4, $5, 20000, 1) returning id)
       insert into retired_secrets (key_prefix, key_id, key_hash, retired_at, valid_until)
       select $6, $1::uuid, '$argon2id$', now(), now() + interval '1 hour' from key`,
      [id, prefix, userId, environment, scopes, retiredPrefix],
    );
    return { id, retiredPrefix };
  }

  /** What an operation on the key or its owner would change. */
  async function traces(keyId: string, userId: string): Promise<unknown> {
    const { rows } = await core.pool.query(
      `select (select version from api_keys where id = $1), (select name from api_keys where id = $1),
         (select count(*) from api_keys where user_id = $2), (select display_name from users where id = $2)`,
      [keyId, userId],
    );
    return rows;
  }

  async function refusalsOf(actingKeyId: string): Promise<number> {
    const { rowCount } = await core.pool.query(
      `select from outbox where payload #>> '{data,actor,key_id}' = $1
         and payload #>> '{data,outcome}' = 'refused'`,
      [actingKeyId],
    );
    return rowCount ?? 0;
  }
});
