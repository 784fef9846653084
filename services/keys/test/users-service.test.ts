/** UserManagementService over gRPC, on real Postgres. */
import assert from 'node:assert/strict';
import { createServiceClient, HokusaiError, type ServiceClient, services } from '@hokusai/contracts';
import { bindService, type RunningGrpcServer, startGrpcServer } from '@hokusai/service-kit';
import { createDatabase, grpcAdmission, grpcToken, type TestDatabase } from '@hokusai/testing';
import { userHandlers } from '../src/grpc/users.ts';
import { type Core, type IssuedKey, openCore } from './support/core.ts';

describe('UserManagementService', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let core: Core;
  let admin: IssuedKey;
  let server: RunningGrpcServer;
  let client: ServiceClient<typeof services.userManagement>;

  before(async () => {
    database = await createDatabase('keys');
    core = openCore(database.url);
    admin = await core.bootstrapAdmin();
    const options = { host: '127.0.0.1', port: 0, ...grpcAdmission(services.userManagement) };
    const binding = bindService(
      services.userManagement,
      userHandlers(core.users, () => {}),
    );
    server = await startGrpcServer(options, [binding]);
    client = createServiceClient(services.userManagement, {
      ...{ peer: 'keys', address: `127.0.0.1:${server.port}`, timeoutMs: 10_000, token: grpcToken },
    });
  });

  after(async () => {
    client.close();
    await server.close();
    await core.close();
    await database.close();
  });

  async function create(request: object) {
    const { user } = await client.call('CreateUser', { caller: admin.caller, ...request });
    return user ?? assert.fail('no user');
  }

  async function update(userId: string, paths: string[], request: object = {}) {
    const question = { caller: admin.caller, userId, updateMask: { paths }, ...request };
    return (await client.call('UpdateUser', question)).user ?? assert.fail('no user');
  }

  async function refusalOf(call: Promise<unknown>): Promise<HokusaiError> {
    const error = await call.then(
      () => assert.fail('was allowed'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof HokusaiError);
    return error;
  }

  it('makes, shows, changes and lists users', async () => {
    const fields = { externalId: 'okta|1', email: 'ada@example.org', rateLimitPerHour: 7 };
    const user = await create({ ...fields, displayName: 'Ada', role: 'ROLE_ADMIN' });
    const { id, createdAt, ...rest } = user;
    assert.deepEqual(rest, {
      ...{ ...fields, displayName: 'Ada', role: 'ROLE_ADMIN', disabledAt: null },
      ...{ _email: 'email', _externalId: 'externalId', _rateLimitPerHour: 'rateLimitPerHour' },
    });
    assert.ok(Math.abs(Number(createdAt?.seconds) * 1000 - Date.now()) < 60_000);
    assert.deepEqual((await client.call('GetUser', { caller: admin.caller, userId: id })).user, user);
    const disabled = await update(id, ['disabled', 'role', 'email', 'rate_limit_per_hour'], {
      ...{ disabled: true, role: 'ROLE_MEMBER', displayName: 'not named' },
    });
    assert.ok(disabled.disabledAt);
    assert.deepEqual(
      [disabled.role, disabled.email, disabled.rateLimitPerHour, disabled.displayName],
      ['ROLE_MEMBER', undefined, undefined, 'Ada'],
    );
    const list = async (filter: object) =>
      (await client.call('ListUsers', { caller: admin.caller, ...filter })).users.map((one) => one.id);
    const all = await list({});
    assert.deepEqual([all.length, all[0]], [2, id]);
    const [first] = await list({ pageSize: 1 });
    const { nextCursor } = await client.call('ListUsers', { caller: admin.caller, pageSize: 1 });
    assert.deepEqual([first, ...(await list({ cursor: nextCursor }))], all);
    assert.deepEqual(await list({ state: 'USER_STATE_FILTER_DISABLED', role: 'ROLE_MEMBER' }), [id]);
    assert.deepEqual(await list({ state: 'USER_STATE_FILTER_ACTIVE' }), [admin.key.userId]);
    assert.deepEqual(await list({ externalId: 'okta|1' }), [id]);
    assert.deepEqual(await list({ email: 'ada@example.org' }), []);
  });

  it('takes a member without a limit for what is left out', async () => {
    const user = await create({ displayName: 'Ben' });
    assert.deepEqual(
      [user.role, user.email, user.externalId, user.rateLimitPerHour, user.disabledAt],
      ['ROLE_MEMBER', undefined, undefined, undefined, null],
    );
  });

  it('answers a repeated creation with the same user', async () => {
    const idempotency = { key: 'once', fingerprint: Buffer.alloc(32) };
    const first = await create({ displayName: 'Cy', idempotency });
    assert.deepEqual(await create({ displayName: 'Cy', idempotency }), first);
  });

  it('says what is wrong, all at once', async () => {
    const wrong = { displayName: '', externalId: '', email: '', rateLimitPerHour: 0 };
    const { code, violations } = await refusalOf(create(wrong));
    assert.equal(code, 'unprocessable');
    const paths = violations.map(({ path }) => path);
    assert.deepEqual(paths, ['external_id', 'email', 'display_name', 'rate_limit_per_hour']);
    const maskless = await refusalOf(update(admin.key.userId, []));
    assert.deepEqual(
      maskless.violations.map(({ path }) => path),
      ['update_mask'],
    );
    const role = await refusalOf(update(admin.key.userId, ['role']));
    assert.equal(role.violations[0]?.path, 'role');
  });

  it('refuses roles and states of a newer version than its own, and callers without a key', async () => {
    assert.equal((await refusalOf(create({ displayName: 'Di', role: 9 }))).code, 'invalid_request');
    const list = client.call('ListUsers', { caller: admin.caller, state: 9 as never });
    assert.equal((await refusalOf(list)).code, 'invalid_request');
    for (const caller of [null, { ...admin.caller, actingKeyId: '' }]) {
      assert.equal((await refusalOf(create({ displayName: 'Di', caller }))).code, 'unauthenticated');
      const read = client.call('GetUser', { caller, userId: admin.key.userId });
      assert.equal((await refusalOf(read)).code, 'unauthenticated');
    }
  });

  it('says of an external id that it is taken', async () => {
    await create({ displayName: 'Ed', externalId: 'okta|2' });
    const { code, reason } = await refusalOf(create({ displayName: 'Ed', externalId: 'okta|2' }));
    assert.deepEqual([code, reason], ['conflict', 'external_id_taken']);
  });
});
