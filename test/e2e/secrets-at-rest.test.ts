/** Nothing that the system stores or logs holds a key: after a life of several, all of it is searched. */
import assert from 'node:assert/strict';
import { appendFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Dump, dumpJetStream, dumpPostgres, dumpRedis, eventually } from '@hokusai/testing';
import { jetstream } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import pg from 'pg';
import { findIn, findInFiles, needlesOf } from './support/find-secrets.ts';
import { onlyOfLocalStart, preparedHome, type Stack, startStack, stopStack } from './support/stack.ts';

/** The one place for a plaintext, and the programs. */
const EXCEPT = ['admin.key', 'venv', 'python', 'servers'];
/** Never issued; it is put into every place, to see it found there. */
const PLANTED = `hk_live_${'P1antedPref1'}${'xQ7mZ2vK9rT4bN8cW5jH1fD6gS3pL0yA'}${'aBcDeF'}`;
const PHC = /^\$argon2id\$v=19\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/;

describe('the plaintext of a key', function () {
  this.timeout(300_000);
  let home: string;
  let stack: Stack;
  let dump: Dump;
  /** All that were issued, the first admin key among them. */
  const issued = new Set<string>();
  let isRunning = false;

  before(async function () {
    onlyOfLocalStart(this);
    home = await preparedHome();
    // The most that is ever logged.
    stack = await startStack(home, { LOG_LEVEL: 'trace' });
    isRunning = true;
    issued.add(stack.adminKey);
    await liveThrough();
    await plant();
    dump = new Map([
      ...(await dumpPostgres(urlOf('POSTGRES_ADMIN_URL'))),
      ...(await dumpRedis(urlOf('REDIS_URL'))),
      ...(await dumpJetStream(urlOf('NATS_ADMIN_URL'))),
    ]);
  });

  after(async () => {
    if (isRunning) await stopStack(home);
    if (home) await rm(home, { recursive: true });
  });

  it('is in no table, Redis key or message', () => {
    const names = [...dump.keys()];
    // There is something to search: in each of the databases, in Redis, in each of the streams that fill.
    for (const place of [
      'hokusai_keys.public.idempotency',
      'hokusai_audit.',
      'redis ',
      'AUDIT ',
      'KEYS ',
      'USAGE ',
    ]) {
      assert.ok(
        names.some((name) => name.startsWith(place) && dump.get(name)),
        `nothing at ${place}`,
      );
    }
    assert.deepEqual(findIn(dump, [...issued].flatMap(needlesOf)), []);
  });

  it('is known by an Argon2id hash alone', async () => {
    const client = new pg.Client({ connectionString: urlOf('KEYS_OWNER_DATABASE_URL') });
    await client.connect();
    try {
      const { rows } = await client.query<{ key_hash: string }>(
        'select key_hash from api_keys union all select key_hash from retired_secrets',
      );
      assert.equal(rows.length, issued.size);
      for (const { key_hash } of rows) assert.match(key_hash, PHC);
    } finally {
      await client.end();
    }
  });

  it('is in no file of the home but that of the first admin key', async () => {
    await stopStack(home);
    isRunning = false;
    const { files, found } = await findInFiles(home, [...issued].flatMap(needlesOf), EXCEPT);
    assert.ok(files > 100, `${files} files`);
    assert.deepEqual(found, []);
    const admin = await findInFiles(home, needlesOf(stack.adminKey), EXCEPT.slice(1));
    assert.deepEqual(admin.found, [`admin.key: ${stack.adminKey.slice(0, 20)} plain`]);
  });

  it('would be found wherever it was put, and however it was encoded', async () => {
    const needles = needlesOf(PLANTED);
    const places = findIn(dump, needles).map((place) => place.replace(PLANTED.slice(0, 20), 'planted'));
    assert.deepEqual(places.toSorted(), [
      'DEADLETTER 1: planted base64',
      'hokusai_keys.public.planted: planted hex',
      'redis 0 planted: planted base64',
    ]);
    const { found } = await findInFiles(home, needles, EXCEPT);
    const folders = new Set(found.map((place) => /^(data\/\w+|\w+)/.exec(place)?.[0]));
    assert.deepEqual(folders, new Set(['log', 'data/postgres', 'data/redis', 'data/nats']));
  });

  const urlOf = (name: string) => stack.env[name] ?? assert.fail(`the stack has no ${name}`);

  /** Create, use, rotate, use of the old one, end, revoke; each repeated, and keys in places where they don't belong. */
  async function liveThrough(): Promise<void> {
    const admin = stack.adminKey;
    const user = await call(admin, 'POST', '/users', { display_name: 'Ada', email: 'ada@example.org' });
    const scopes = ['mlflow:read', 'mlflow:write', 'keys:read', 'keys:write'];
    const key = await issue(admin, '/auth/keys', { name: 'ci', user_id: user['id'], scopes });
    const child = await issue(key.key, '/auth/keys', { name: 'child', environment: 'test' });
    for (const one of [key, child]) await use(one.key, 200);
    const rotated = await issue(key.key, `/auth/keys/${key.id}/rotate`, { grace_period_seconds: 3600 });
    await use(rotated.key, 200);
    await use(key.key, 200);
    await misplace(rotated.key);
    await call(rotated.key, 'DELETE', `/auth/keys/${key.id}/retired-secrets/${key.key_prefix}`);
    await eventually(() => use(key.key, 403));
    await call(admin, 'DELETE', `/auth/keys/${key.id}?cascade=true&reason=done`);
    await eventually(() => use(rotated.key, 403));
    await eventually(() => use(child.key, 403));
    await eventually(wasAudited);
  }

  interface Issued {
    id: string;
    key: string;
    key_prefix: string;
  }

  /** Asks twice under one Idempotency-Key, and gets the same plaintext. */
  async function issue(by: string, path: string, body: object): Promise<Issued> {
    const headers = { 'idempotency-key': `once-${path}` };
    const first = await call(by, 'POST', path, body, headers);
    assert.deepEqual(await call(by, 'POST', path, body, headers), first);
    issued.add(String(first['key']));
    return first as unknown as Issued;
  }

  async function call(key: string, method: string, path: string, body?: object, headers = {}) {
    const response = await fetch(`${stack.gatewayUrl}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Record<string, unknown>;
    assert.ok(response.ok, JSON.stringify(answer));
    return answer;
  }

  /** In each of the places from which a key is taken. */
  async function use(key: string, status: number): Promise<void> {
    const basic = Buffer.from(`user:${key}`).toString('base64');
    const places: [query: string, headers: Record<string, string>][] = [
      ['', { authorization: `Bearer ${key}` }],
      ['', { authorization: `Basic ${basic}` }],
      ['', { 'x-api-key': key }],
      [`&api_key=${key}`, {}],
    ];
    for (const [query, headers] of places) {
      const url = `${stack.gatewayUrl}/mlflow/api/2.0/mlflow/experiments/search?max_results=1${query}`;
      const response = await fetch(url, { headers });
      await response.arrayBuffer();
      assert.equal(response.status, status);
    }
  }

  /** Where people put them by mistake: whatever is answered, none of it is kept. */
  async function misplace(key: string): Promise<void> {
    const authorization = `Bearer ${key}`;
    const search = '/mlflow/api/2.0/mlflow/experiments/search';
    const attempts: [path: string, init: RequestInit][] = [
      [`/mlflow/${key}`, { headers: { authorization } }],
      [`${search}?filter=${key}`, { headers: { authorization } }],
      [`/api/v1/auth/keys/${key}`, { headers: { authorization } }],
      [`/api/v1/auth/keys?name=${key}`, { headers: { authorization } }],
      [search, { headers: { authorization: `${authorization}x` } }],
      [search, { headers: { authorization, 'user-agent': key, 'x-request-id': key, traceparent: key } }],
      [
        search,
        { headers: { authorization, referer: `http://a.example/?key=${key}`, 'idempotency-key': key } },
      ],
      ...['name', 'metadata', 'expires_at'].map((field): [string, RequestInit] => [
        '/api/v1/auth/keys',
        {
          method: 'POST',
          headers: { authorization, 'content-type': 'application/json', 'idempotency-key': key },
          body: JSON.stringify({ name: 'x', [field]: field === 'metadata' ? { note: key } : key }),
        },
      ]),
    ];
    for (const [path, init] of attempts)
      await (await fetch(`${stack.gatewayUrl}${path}`, init)).arrayBuffer();
  }

  /** The last change has come through all services. */
  async function wasAudited(): Promise<void> {
    const client = new pg.Client({ connectionString: urlOf('AUDIT_OWNER_DATABASE_URL') });
    await client.connect();
    try {
      const { rows } = await client.query("select from audit_events where body like '%key.revoked%'");
      assert.equal(rows.length, 2);
    } finally {
      await client.end();
    }
  }

  /** In four places, and three encodings. */
  async function plant(): Promise<void> {
    const bytes = Buffer.from(`before ${PLANTED} after`);
    const client = new pg.Client({ connectionString: urlOf('KEYS_OWNER_DATABASE_URL') });
    await client.connect();
    await client.query('create table planted (bytes bytea)');
    await client.query('insert into planted values ($1)', [bytes]);
    await client.end();
    const redis = new Redis(urlOf('REDIS_URL'));
    await redis.hset('planted', 'field', bytes.toString('base64url'));
    redis.disconnect();
    const { host, username, password } = new URL(urlOf('NATS_ADMIN_URL'));
    const nats = await connect({ servers: host, user: username, pass: password });
    await jetstream(nats).publish('hokusai.deadletter.v1.planted', `x${bytes.toString('base64')}`);
    await nats.close();
    await appendFile(join(home, 'log/gateway.log'), `{"planted":"${PLANTED}"}\n`);
  }
});
