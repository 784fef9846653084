/** TLS towards Postgres, Redis and NATS: whom a service trusts, and what it does not say to others. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CertificateAuthority,
  createDatabase,
  createNats,
  createRedis as createTestRedis,
  eventually,
  type Identity,
  startTlsFront,
  type TestDatabase,
  type TestNats,
  type TestRedis,
  type TlsFront,
} from '@hokusai/testing';
import {
  createLogger,
  createPool,
  createRedis,
  databaseUrl,
  defineConfig,
  isTransientDatabaseError,
  listenToPostgres,
  migrate,
  natsOptions,
  natsRule,
  natsVariables,
  openBus,
  provisionBus,
  tlsClientOptions,
  tlsClientRule,
  tlsClientVariables,
  variable,
} from '../src/index.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('TLS to backends', function () {
  this.timeout(120_000);
  let authority: CertificateAuthority;
  let stranger: CertificateAuthority;
  let identity: Identity;
  let client: Identity;
  let folder: string;
  const fronts: TlsFront[] = [];

  before(() => {
    [authority, stranger] = [new CertificateAuthority(), new CertificateAuthority()];
    identity = authority.issue({ commonName: 'backend', altName: 'DNS:localhost' });
    client = authority.issue({ commonName: 'hokusai' });
    folder = mkdtempSync(join(tmpdir(), 'hokusai-backends-tls-'));
    const files = { ca: authority.certificate, other: stranger.certificate };
    for (const [name, content] of Object.entries({ ...files, cert: client.certificate, key: client.key }))
      writeFileSync(path(name), content, { mode: 0o600 });
  });
  after(async () => {
    for (const front of fronts) await front.close();
    for (const each of [authority, stranger]) each?.close();
    rmSync(folder, { recursive: true });
  });

  const path = (name: string) => join(folder, `${name}.pem`);
  const front = async (url: string, protocol: 'plain' | 'postgres', clientCa?: string) => {
    const port = Number(new URL(url).port);
    const started = await startTlsFront({ port, identity, protocol, ...(clientCa && { clientCa }) });
    fronts.push(started);
    return started;
  };

  describe('Postgres', () => {
    let database: TestDatabase;
    let tls: TlsFront;

    before(async () => {
      database = await createDatabase('keys', { migrate: false });
      tls = await front(database.url, 'postgres');
    });
    after(() => database?.close());

    const urlWith = (parameters: Record<string, string>, host = 'localhost', url = database.url) => {
      const changed = new URL(url);
      [changed.hostname, changed.port] = [host, String(tls.port)];
      for (const [name, value] of Object.entries(parameters)) changed.searchParams.set(name, value);
      return changed.href;
    };
    const trusting = () => ({ sslmode: 'verify-full', sslrootcert: path('ca') });
    const ask = async (connectionString: string) => {
      const pool = createPool({ connectionString, max: 1, applicationName: 'test', onError: () => {} });
      try {
        return (await pool.query<{ one: number }>('select 1 as one')).rows[0]?.one;
      } finally {
        await pool.end();
      }
    };

    it('is queried, listened to and migrated by a URL that names the authority', async () => {
      const before = tls.secured();
      assert.equal(await ask(urlWith(trusting())), 1);
      let isHeard = false;
      const channels = {
        news: () => {
          isHeard = true;
        },
      };
      const connectionString = urlWith(trusting());
      const listener = listenToPostgres({
        ...{ connectionString, applicationName: 'test', channels },
        onError: assert.ifError,
      });
      await eventually(() => assert.ok(isHeard));
      await listener.close();
      const directory = join(import.meta.dirname, '../../../services/keys/migrations');
      const ownerUrl = urlWith(trusting(), 'localhost', database.ownerUrl);
      const options = { ownerUrl, directory, serviceRole: new URL(database.url).username };
      assert.ok((await migrate({ ...options, direction: 'up' })).length > 0);
      assert.equal(tls.secured() - before, 3);
    });

    it('is not spoken to where another authority vouches for it, or for another host; which is told as an outage', async () => {
      for (const url of [
        urlWith({ ...trusting(), sslrootcert: path('other') }),
        urlWith(trusting(), '127.0.0.1'),
        urlWith({ sslmode: 'verify-full' }),
      ])
        await assert.rejects(ask(url), isTransientDatabaseError);
    });

    it('without TLS is not spoken to where the URL asks for it', async () => {
      const { port } = new URL(database.url);
      const url = urlWith(trusting()).replace(`:${tls.port}/`, `:${port}/`);
      await assert.rejects(ask(url), isTransientDatabaseError);
    });

    it('may ask for a certificate', async () => {
      tls = await front(database.url, 'postgres', authority.certificate);
      await assert.rejects(ask(urlWith(trusting())));
      assert.equal(await ask(urlWith({ ...trusting(), sslcert: path('cert'), sslkey: path('key') })), 1);
    });

    it('has a URL that says nothing by halves', () => {
      const config = defineConfig({ URL: databaseUrl() });
      const problem = (parameters: string) => {
        try {
          config.load({ URL: `postgres://u:p@db/hokusai${parameters}` });
          return '';
        } catch (error) {
          return (error as Error).message;
        }
      };
      for (const mode of ['require', 'prefer', 'verify-ca', 'nonsense'])
        assert.match(problem(`?sslmode=${mode}`), /expected sslmode=verify-full/, mode);
      assert.match(problem('?sslmode=verify-full&sslrootcert=/no/such'), /sslrootcert can not be read/);
      for (const fine of ['', '?sslmode=disable', `?sslmode=verify-full&sslrootcert=${path('ca')}`])
        assert.equal(problem(fine), '');
    });
  });

  describe('Redis', () => {
    let server: TestRedis;
    let tls: TlsFront;
    const shape = { REDIS_URL: variable.url('redis', 'rediss'), ...tlsClientVariables('REDIS') };
    const config = defineConfig(shape, [tlsClientRule('REDIS', (url) => url.startsWith('rediss:'))]);

    before(async () => {
      server = await createTestRedis();
      tls = await front(server.url, 'plain');
    });
    after(() => server?.close());

    /** The answer to PING, or why there is none. */
    const ping = async (env: Record<string, string>, host = 'localhost') => {
      const { password } = new URL(server.url);
      const values = config.load({ REDIS_URL: `rediss://:${password}@${host}:${tls.port}`, ...env });
      const { promise: ready, resolve } = Promise.withResolvers<string | Error>();
      const redis = createRedis({
        ...{ url: values.REDIS_URL, tls: tlsClientOptions('REDIS', values) },
        ...{ onError: resolve, onReady: () => resolve('ready') },
      });
      try {
        const outcome = await ready;
        return outcome instanceof Error ? outcome.message : await redis.ping();
      } finally {
        redis.disconnect();
      }
    };

    it('is used where an authority that is trusted vouches for it', async () => {
      const before = tls.secured();
      assert.equal(await ping({ REDIS_TLS_CA: authority.certificate }), 'PONG');
      assert.equal(await ping({ REDIS_TLS_CA_FILE: path('ca') }), 'PONG');
      assert.ok(tls.secured() > before);
    });

    it('is not, where none does, or for another host', async () => {
      assert.match(await ping({ REDIS_TLS_CA: stranger.certificate }), /certificate/);
      assert.match(await ping({}), /certificate/);
      assert.match(await ping({ REDIS_TLS_CA: authority.certificate }, '127.0.0.1'), /altnames/);
    });

    it('may ask for a certificate', async () => {
      tls = await front(server.url, 'plain', authority.certificate);
      const trusting = { REDIS_TLS_CA: authority.certificate };
      assert.notEqual(await ping(trusting), 'PONG');
      const known = { REDIS_TLS_CERT: client.certificate, REDIS_TLS_KEY: client.key };
      assert.equal(await ping({ ...trusting, ...known }), 'PONG');
    });

    it('gets no authority in vain', () => {
      const load = (env: Record<string, string>) => () => config.load({ REDIS_URL: 'redis://a:1', ...env });
      assert.throws(load({ REDIS_TLS_CA: authority.certificate }), /REDIS_TLS_CA: is of no use/);
      const half = { REDIS_URL: 'rediss://a:1', REDIS_TLS_CERT: client.certificate };
      assert.throws(load(half), /REDIS_TLS_KEY: is required with REDIS_TLS_CERT/);
    });
  });

  describe('NATS', () => {
    const config = defineConfig(natsVariables(), [natsRule()]);
    let server: TestNats;
    let verifying: TestNats;

    before(async () => {
      server = await createNats({ provision: false, tls: identity });
      verifying = await createNats({
        provision: false,
        tls: { ...identity, clientCa: authority.certificate },
      });
    });
    after(async () => {
      await server?.close();
      await verifying?.close();
    });

    const urlOf = (nats: TestNats, user: 'admin' | 'keys', host = 'localhost') =>
      nats.urls[user].replace('nats://', 'tls://').replace('127.0.0.1', host);
    const open = (env: Record<string, string>) => {
      const warnings: string[] = [];
      const telling = createLogger({
        ...{ service: 'test', level: 'warn' },
        destination: { write: (line) => warnings.push(line) },
      });
      const options = natsOptions(config.load(env));
      const bus = openBus({ ...options, name: 'test', publishTimeoutMs: 5000, logger: telling });
      return { bus, warnings };
    };

    it('is used where an authority that is trusted vouches for it', async () => {
      await provisionBus(urlOf(server, 'admin'), { tls: { ca: authority.certificate } });
      const { bus } = open({ NATS_URL: urlOf(server, 'keys'), NATS_TLS_CA: authority.certificate });
      await eventually(() => bus.check());
      await bus.publish('hokusai.keys.v1.events.created', bytes('{}'), 'a');
      await bus.close();
    });

    it('is not, where none does, or for another host', async () => {
      for (const [env, host] of [
        [{ NATS_TLS_CA: stranger.certificate }, 'localhost'],
        [{}, 'localhost'],
        [{ NATS_TLS_CA: authority.certificate }, '127.0.0.1'],
      ] as const) {
        const { bus, warnings } = open({ NATS_URL: urlOf(server, 'keys', host), ...env });
        await eventually(() => assert.match(warnings.join(), /not reachable/));
        await assert.rejects(bus.check());
        await bus.close();
      }
    });

    it('gets no password where it has no TLS and the URL insists on it', async () => {
      const plain = await createNats({ provision: false });
      const { bus, warnings } = open({ NATS_URL: urlOf(plain, 'keys', '127.0.0.1') });
      await eventually(() => assert.match(warnings.join(), /not reachable/));
      await assert.rejects(bus.check());
      await bus.close();
      await plain.close();
    });

    it('may ask for a certificate', async () => {
      const trusting = { NATS_URL: urlOf(verifying, 'keys'), NATS_TLS_CA: authority.certificate };
      const unknown = open(trusting);
      await eventually(() => assert.match(unknown.warnings.join(), /not reachable/));
      await unknown.bus.close();
      const known = open({ ...trusting, NATS_TLS_CERT: client.certificate, NATS_TLS_KEY: client.key });
      await eventually(() => known.bus.check());
      await known.bus.close();
    });

    it('gets no authority in vain', () => {
      const env = { NATS_URL: 'nats://a:1', NATS_TLS_CA: authority.certificate };
      assert.throws(() => config.load(env), /NATS_TLS_CA: is of no use, as NATS_URL asks for no TLS/);
    });
  });
});
