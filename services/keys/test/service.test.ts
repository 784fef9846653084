/** The whole process over gRPC, on real Postgres. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createServiceClient,
  fromStruct,
  fromTimestamp,
  HokusaiError,
  type ServiceClient,
  services,
  toStruct,
  toTimestamp,
} from '@hokusai/contracts';
import {
  createPostgresServer,
  eventually,
  freePort,
  grpcToken,
  spawnService,
  type TestDatabase,
  type TestPostgres,
  type TestService,
} from '@hokusai/testing';
import pg from 'pg';
import { serviceEnvironment } from './support/service.ts';

describe('the keys service', function () {
  this.timeout(120_000);
  const folder = mkdtempSync(join(tmpdir(), 'hokusai-keys-'));
  let postgres: TestPostgres;
  let database: TestDatabase;
  let service: TestService;
  let validation: ServiceClient<typeof services.keyValidation>;
  let management: ServiceClient<typeof services.keyManagement>;
  let healthUrl: string;
  let adminKey: string;
  let caller: { actingKeyId: string; actingKeyPrefix: string; requestId: string };
  /** Every plaintext that the service has answered. */
  const issued: string[] = [];
  const errors: HokusaiError[] = [];

  before(async () => {
    postgres = await createPostgresServer();
    database = await postgres.createDatabase('keys');
    const healthPort = String(await freePort());
    const file = join(folder, 'admin.key');
    healthUrl = `http://127.0.0.1:${healthPort}/readyz`;
    const base = serviceEnvironment(database.url);
    const env = { ...base, HEALTH_PORT: healthPort, BOOTSTRAP_ADMIN_KEY_FILE: file, LOG_LEVEL: 'trace' };
    service = await spawnService({ entry: 'services/keys/src/main.ts', env, readyTimeoutMs: 60_000 });
    const address = `127.0.0.1:${portOf(service)}`;
    const options = { peer: 'keys service', address, timeoutMs: 20_000, token: grpcToken };
    validation = createServiceClient(services.keyValidation, options);
    management = createServiceClient(services.keyManagement, options);
    adminKey = readFileSync(file, 'utf8').trim();
    issued.push(adminKey);
    const { proof } = await validation.call('ValidateKey', { key: adminKey });
    assert.ok(proof);
    caller = { actingKeyId: proof.keyId, actingKeyPrefix: proof.keyPrefix, requestId: 'r-1' };
  });

  after(async () => {
    validation?.close();
    management?.close();
    await service?.stop();
    await postgres?.close();
    rmSync(folder, { recursive: true });
  });

  function portOf({ output }: TestService): number {
    const lines = output()
      .split('\n')
      .filter((line) => line.startsWith('{'));
    return lines.map((line) => JSON.parse(line)).find(({ port }) => port !== undefined).port;
  }

  async function create(request: object = {}) {
    const created = await management.call('CreateKey', { caller, name: 'ci', ...request });
    issued.push(created.plaintext);
    assert.ok(created.key);
    return { key: created.key, plaintext: created.plaintext };
  }

  async function refusalOf(call: Promise<unknown>): Promise<HokusaiError> {
    const error = await call.then(
      () => assert.fail('was allowed'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof HokusaiError);
    errors.push(error);
    return error;
  }

  it('creates, proves, shows, lists and revokes a key', async () => {
    const expiresAt = new Date(Date.now() + 3_600_000);
    const { key, plaintext } = await create({
      ...{ name: 'nightly', environment: 'ENVIRONMENT_LIVE', scopes: { scopes: ['mlflow:read'] } },
      ...{ expiresAt: toTimestamp(expiresAt), rateLimitPerHour: 9, allowedIps: ['10.0.0.0/8'] },
      metadata: toStruct({ team: 'vision' }),
    });
    assert.deepEqual(
      [key.name, key.environment, key.scopes, key.limits, key.allowedIps, key.isActive, key.createdByKeyId],
      [
        ...['nightly', 'ENVIRONMENT_LIVE', ['mlflow:read']],
        { rateLimitPerHour: 9, burstLimit: 100, burstWindowSeconds: 1 },
        ...[['10.0.0.0/8'], true, caller.actingKeyId],
      ],
    );
    const proved = await validation.call('ValidateKey', { key: plaintext });
    assert.deepEqual([proved.proof?.keyId, proved.proof?.keyPrefix], [key.id, key.keyPrefix]);
    assert.deepEqual(fromTimestamp(proved.state?.expiresAt), expiresAt);
    assert.equal(proved.state?.owner?.role, 'ROLE_ADMIN');
    assert.deepEqual(
      proved.state?.acceptedSecrets.map(({ keyPrefix }) => keyPrefix),
      [key.keyPrefix],
    );
    assert.deepEqual(proved.state?.read, proved.read);
    assert.deepEqual((await management.call('GetKey', { caller, keyId: key.id })).key, key);
    const list = await management.call('ListKeys', { caller, pageSize: 1 });
    assert.deepEqual(list.keys, [key]);
    const rest = await management.call('ListKeys', { caller, cursor: list.nextCursor });
    assert.deepEqual([rest.keys.length, rest.nextCursor], [1, '']);
    const revoked = await management.call('RevokeKey', { caller, keyId: key.id, reason: 'done' });
    assert.deepEqual([revoked.revokedCount, revoked.key?.revokedReason, revoked.receipt], [1, 'done', null]);
    const state = (await validation.call('GetKeyState', { keyId: key.id })).state;
    assert.ok(state && !state.isActive && state.revokedAt !== null);
    assert.ok(BigInt(state.version) > BigInt(key.version));
  });

  it('changes and rotates a key, and ends the grace of its old secret', async () => {
    const { key, plaintext } = await create({ name: 'before' });
    const updateMask = { paths: ['name', 'expires_at', 'metadata'] };
    const metadata = toStruct({ team: 'vision' });
    const changed = await management.call('UpdateKey', {
      caller,
      keyId: key.id,
      updateMask,
      name: 'after',
      metadata,
    });
    assert.deepEqual([changed.key?.name, fromStruct(changed.key?.metadata)], ['after', { team: 'vision' }]);
    const gracePeriod = { seconds: '60', nanos: 0 };
    const rotated = await management.call('RotateKey', { caller, keyId: key.id, gracePeriod });
    issued.push(rotated.plaintext);
    assert.equal(rotated.key?.id, key.id);
    assert.equal(rotated.key?.userDisplayName, 'Administrator');
    const [retired] = rotated.key?.retiredSecrets ?? [];
    assert.equal(retired?.keyPrefix, key.keyPrefix);
    assert.deepEqual(rotated.key?.rotatedAt, retired?.retiredAt);
    const old = await validation.call('ValidateKey', { key: plaintext });
    assert.deepEqual(old.proof?.retiredAt, retired?.retiredAt);
    assert.equal(old.state?.acceptedSecrets.length, 2);
    const end = { caller, keyId: key.id, keyPrefix: key.keyPrefix };
    assert.ok((await management.call('EndRetiredSecret', end)).key);
    assert.equal((await validation.call('ValidateKey', { key: plaintext })).state?.acceptedSecrets.length, 1);
  });

  it('answers for unknown keys without an error', async () => {
    const unknown = await validation.call('ValidateKey', { key: `hk_live_${'0'.repeat(50)}` });
    assert.deepEqual([unknown.proof, unknown.state], [null, null]);
    assert.ok(unknown.read?.epoch && unknown.read.readAt);
    const { state, read } = await validation.call('GetKeyState', { keyId: randomUUID() });
    assert.ok(state === null && read?.cut !== '0');
  });

  it('says what is wrong, all at once', async () => {
    const error = await refusalOf(create({ name: '', rateLimitPerHour: 0, allowedIps: ['10.0.0.5/8'] }));
    assert.equal(error.code, 'unprocessable');
    assert.deepEqual(
      error.violations.map(({ path }) => path),
      ['name', 'rate_limit_per_hour', 'allowed_ips[0]'],
    );
  });

  it('says so also where very much is wrong', async () => {
    const nonsense = {
      name: 'x'.repeat(1e6),
      allowedIps: Array(100).fill('10.1.2.3/8'),
      metadata: toStruct({ '\0': 1 }),
    };
    const error = await refusalOf(create(nonsense));
    assert.equal(error.code, 'unprocessable');
    assert.equal(error.violations.at(-1)?.message, 'and 70 more');
  });

  it('serves nobody without an acting key', async () => {
    const nameless = { ...caller, actingKeyId: '' };
    assert.equal((await refusalOf(create({ caller: nameless }))).code, 'unauthenticated');
    assert.equal((await refusalOf(create({ caller: null }))).code, 'unauthenticated');
  });

  it('answers a repeated creation with the same key', async () => {
    const idempotency = { key: 'once', fingerprint: Buffer.alloc(32) };
    const [first, again] = [await create({ idempotency }), await create({ idempotency })];
    assert.deepEqual(again, first);
    const nameless = { ...idempotency, key: '' };
    assert.equal((await refusalOf(create({ idempotency: nameless }))).code, 'invalid_request');
  });

  it('takes secrets in the wrong places without passing them on', async () => {
    const { plaintext } = await create();
    const inUserAgent = {
      ...caller,
      userAgent: `curl ${plaintext}`,
      requestId: plaintext,
      traceId: plaintext,
    };
    for (const field of ['name', 'userId', 'allowedIps', 'scopes', 'metadata']) {
      const values = {
        ...{
          allowedIps: [plaintext],
          scopes: { scopes: [plaintext] },
          metadata: toStruct({ note: plaintext }),
        },
      } as Record<string, unknown>;
      await refusalOf(create({ caller: inUserAgent, [field]: values[field] ?? plaintext }));
    }
    await refusalOf(management.call('GetKey', { caller: inUserAgent, keyId: plaintext }));
    await refusalOf(management.call('RevokeKey', { caller, keyId: plaintext, reason: plaintext }));
    await refusalOf(management.call('RevokeKey', { caller, keyId: caller.actingKeyId, reason: plaintext }));
    await refusalOf(management.call('ListKeys', { caller, cursor: plaintext, scope: plaintext }));
    await refusalOf(management.call('GetKey', { caller: { ...caller, actingKeyId: plaintext }, keyId: 'x' }));
  });

  it('gives up reading a state that takes longer than gateways wait', async () => {
    const admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    try {
      await admin.query('begin');
      await admin.query('lock table api_keys in access exclusive mode');
      const calls = [
        validation.call('ValidateKey', { key: adminKey }),
        validation.call('GetKeyState', { keyId: caller.actingKeyId }),
      ];
      // Well before the twenty seconds of the client's own limit, which would be `deadline_exceeded`.
      for (const { code } of await Promise.all(calls.map(refusalOf))) assert.equal(code, 'unavailable');
    } finally {
      await admin.end();
    }
    await eventually(async () => assert.ok((await validation.call('ValidateKey', { key: adminKey })).proof));
  });

  it('knows when its database is away, and finds it again', async () => {
    await postgres.kill();
    assert.equal((await refusalOf(validation.call('ValidateKey', { key: adminKey }))).code, 'unavailable');
    assert.equal((await refusalOf(create())).code, 'unavailable');
    assert.equal((await fetch(healthUrl)).status, 503);
    await postgres.start();
    await eventually(async () => assert.ok((await validation.call('ValidateKey', { key: adminKey })).proof));
    await eventually(async () => assert.equal((await fetch(healthUrl)).status, 200));
  });

  it('stops on SIGTERM, and kept every secret to itself', async () => {
    const { code } = await service.stop();
    assert.equal(code, 0);
    const dump = await dumpOf(database.adminUrl);
    const words = JSON.stringify(errors.map(({ message, violations }) => ({ message, violations })));
    assert.ok(issued.length >= 3 && errors.length > 10 && dump.includes(adminKey.slice(0, 20)));
    for (const [place, text] of Object.entries({ log: service.output(), dump, errors: words })) {
      assert.ok(!text.includes(grpcToken), `${place} holds the caller’s token`);
      // The secret part, from its first half on: what is cut off somewhere must not be enough to go on with.
      for (const key of issued)
        assert.ok(!text.includes(key.slice(20, 36)), `${place} holds ${key.slice(0, 20)}…`);
    }
  });

  it('names all problems of its configuration, and exits 78', async () => {
    const env = { KEYS_DATABASE_URL: 'mysql://x', KEY_PEPPERS: 'p1:short', NATS_URL: 'nats://127.0.0.1:9' };
    const run = await spawnService({ entry: 'services/keys/src/main.ts', env, readyUrl: null });
    assert.equal((await run.exited).code, 78);
    for (const name of ['KEYS_DATABASE_URL', 'KEY_PEPPERS', 'AUDIT_GRPC_URL']) {
      assert.match(run.output(), new RegExp(`^ +${name}: `, 'm'));
    }
    assert.ok(!run.output().includes('short'));
  });

  it('exits 78 rather than listen to a network without TLS, or take a wrong list of callers', async () => {
    const base = serviceEnvironment(database.url);
    const beyond = { ...base, KEYS_GRPC_HOST: '0.0.0.0', KEYS_GRPC_CALLERS: '[{"token":"my-secret-token"}]' };
    const run = await spawnService({ entry: 'services/keys/src/main.ts', env: beyond, readyUrl: null });
    assert.equal((await run.exited).code, 78);
    assert.match(run.output(), /^ +KEYS_GRPC_HOST: .*KEYS_GRPC_TLS_CERT.*KEYS_GRPC_INSECURE/m);
    assert.match(run.output(), /^ +KEYS_GRPC_CALLERS: \[0\]\.name: expected a name; \[0\]\.token: /m);
    assert.ok(!run.output().includes('my-secret-token'));
  });

  /** All rows of all tables. */
  async function dumpOf(url: string): Promise<string> {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const tables = await client.query("select tablename from pg_tables where schemaname = 'public'");
      let dump = '';
      for (const { tablename } of tables.rows) {
        const { rows } = await client.query(`select t::text as line from ${tablename} t`);
        dump += rows.map(({ line }) => line).join('\n');
      }
      return dump;
    } finally {
      await client.end();
    }
  }
});
