/** Somebody else's key answers exactly as one that doesn't exist: nobody learns which ids there are. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js';
import { services } from '@hokusai/contracts';
import { bindService, type RunningGrpcServer, startGrpcServer } from '@hokusai/service-kit';
import { createDatabase, grpcAdmission, grpcToken, type TestDatabase } from '@hokusai/testing';
import pg from 'pg';
import { managementHandlers } from '../src/grpc/management.ts';
import { type Core, type IssuedKey, openCore } from './support/core.ts';

type Method = 'GetKey' | 'UpdateKey' | 'RotateKey' | 'RevokeKey' | 'EndRetiredSecret';

describe('a foreign key answers as an unknown one', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let core: Core;
  let member: IssuedKey;
  let server: RunningGrpcServer;
  let client: Client;
  /** Statements of the service, each with the shape of its values. */
  let statements: string[] = [];
  /** Keys of others, by what could give them away. */
  const foreign = new Map<string, string>();
  let retiredPrefix: string;

  before(async () => {
    database = await createDatabase('keys');
    core = openCore(database.url);
    core.pool.on('connect', recordStatements);
    const admin = await core.bootstrapAdmin();
    const scopes = ['keys:read', 'keys:write'];
    member = await core.issue(admin, { userId: await core.addUser(), scopes });
    const others = async () => (await core.issue(admin, { userId: await core.addUser(), scopes })).key;
    for (const kind of ['working', 'rotated', 'revoked', 'expired']) foreign.set(kind, (await others()).id);
    retiredPrefix = (await core.management.getKey(admin.caller, idOf('rotated'))).keyPrefix;
    await core.management.rotateKey(admin.caller, idOf('rotated'), { graceMs: null }, null);
    await core.revoke(admin, idOf('revoked'));
    await core.pool.query('update api_keys set expires_at = now() where id = $1', [idOf('expired')]);
    foreign.set("the caller's admin's", admin.key.id);
    const options = { host: '127.0.0.1', port: 0, ...grpcAdmission(services.keyManagement) };
    const handlers = managementHandlers(core.management, () => {});
    server = await startGrpcServer(options, [bindService(services.keyManagement, handlers)]);
    client = new Client(`127.0.0.1:${server.port}`, credentials.createInsecure());
  });

  after(async () => {
    client.close();
    await server.close();
    await core.close();
    await database.close();
  });

  const idOf = (kind: string) => foreign.get(kind) ?? assert.fail(kind);

  function recordStatements(connection: pg.PoolClient): void {
    const query = connection.query.bind(connection) as (...args: unknown[]) => unknown;
    Object.assign(connection, {
      query: (...args: unknown[]) => {
        const [first, values] = args as [string | { text: string; values?: unknown[] }, unknown];
        const text = typeof first === 'string' ? first : first.text;
        const given = typeof first === 'string' ? values : (first.values ?? values);
        statements.push(`${text} ${JSON.stringify(shapeOf(Array.isArray(given) ? given : []))}`);
        return query(...args);
      },
    });
  }

  /** Lists with their lengths, texts without their content. */
  function shapeOf(value: unknown): unknown {
    return Array.isArray(value) ? value.map(shapeOf) : typeof value;
  }

  /** Everything that a caller gets back for a refused call, but the date, and the statements that were run for it. */
  async function refusalOf(method: Method, keyId: string, request: object) {
    const { path, requestSerialize } = services.keyManagement[method];
    const message = { caller: member.caller, keyId, ...request };
    statements = [];
    const error = await new Promise<ServiceError>((resolve, reject) => {
      const metadata = new Metadata();
      metadata.set('authorization', `Bearer ${grpcToken}`);
      const serialize = requestSerialize as (value: object) => Buffer;
      const raw = (bytes: Buffer) => bytes;
      const options = { deadline: Date.now() + 10_000 };
      client.makeUnaryRequest(path, serialize, raw, message, metadata, options, (failure) =>
        failure ? resolve(failure) : reject(new Error('was allowed')),
      );
    });
    const { date: _, ...received } = error.metadata.getMap();
    const trailers = Object.entries(received).map(([name, value]) => [
      name,
      Buffer.from(value).toString('base64'),
    ]);
    return { answer: JSON.stringify([error.code, error.details, trailers]), statements };
  }

  const idempotency = () => ({ key: randomUUID(), fingerprint: Buffer.alloc(32) });
  const calls: [string, Method, () => object][] = [
    ['read', 'GetKey', () => ({})],
    ['an update', 'UpdateKey', () => ({ updateMask: { paths: ['name'] }, name: 'mine' })],
    ['a wrong update', 'UpdateKey', () => ({ updateMask: { paths: ['x'] }, ifVersion: '1' })],
    ['a rotation', 'RotateKey', () => ({})],
    ['a wrong rotation', 'RotateKey', () => ({ gracePeriod: { seconds: '99999999' } })],
    ['a rotation that may be repeated', 'RotateKey', () => ({ idempotency: idempotency() })],
    ['a revocation', 'RevokeKey', () => ({ reason: 'mine' })],
    ['a cascade', 'RevokeKey', () => ({ cascade: true })],
    ['a wrong revocation', 'RevokeKey', () => ({ reason: 'x'.repeat(501), wait: true })],
    ['the end of a grace', 'EndRetiredSecret', () => ({ keyPrefix: retiredPrefix })],
    ['the end of an unknown grace', 'EndRetiredSecret', () => ({ keyPrefix: 'hk_live_nonsense' })],
  ];

  for (const [name, method, request] of calls) {
    it(`to ${name}`, async () => {
      const unknown = await refusalOf(method, randomUUID(), request());
      assert.match(unknown.answer, /There is no such key, or it is not yours/);
      for (const [kind, keyId] of foreign) {
        const { answer, statements: run } = await refusalOf(method, keyId, request());
        assert.equal(answer, unknown.answer, kind);
        assert.deepEqual(run, unknown.statements, kind);
      }
    });
  }

  it('also while somebody else changes it: nothing waits for its lock', async () => {
    const owner = new pg.Client({ connectionString: database.url });
    await owner.connect();
    try {
      await owner.query('begin');
      const held = [...foreign.values()];
      await owner.query('select from users for update');
      await owner.query('select from api_keys where id = any($1::uuid[]) for update', [held]);
      for (const [name, method, request] of calls) {
        const unknown = await refusalOf(method, randomUUID(), request());
        const { answer } = await refusalOf(method, idOf('rotated'), request());
        assert.equal(answer, unknown.answer, name);
      }
    } finally {
      await owner.end();
    }
  });
});
