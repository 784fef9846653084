/** TLS of gRPC servers and their callers, with certificates of throw-away authorities. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { credentials } from '@grpc/grpc-js';
import { createServiceClient, HokusaiError, services } from '@hokusai/contracts';
import { CertificateAuthority, type Identity } from '@hokusai/testing';
import { grpcClientOptions, grpcClientRule, grpcClientVariables, loadConfig } from '../src/index.ts';
import { type GuardedServer, loadServing, startGuarded, statusOf } from './support/guarded-server.ts';

const TOKEN = randomBytes(32).toString('base64url');
const METHODS = ['hokusai.keys.v1.KeyValidationService/ValidateKey'];
const VALIDATE = `/${METHODS[0]}`;
const FOLLOW = '/hokusai.keys.v1.KeyValidationService/Follow';
const HEALTH = '/grpc.health.v1.Health/Check';
const CALLERS = JSON.stringify([
  { name: 'gateway', certificate: 'gateway.svc.internal', methods: METHODS },
  { name: 'auditor', certificate: 'audit reader', methods: METHODS },
  { name: 'script', token: TOKEN, methods: METHODS },
]);

describe('gRPC over TLS', function () {
  this.timeout(60_000);
  let authority: CertificateAuthority;
  let stranger: CertificateAuthority;
  let ownIdentity: Identity;
  let server: GuardedServer;
  let address: string;
  const closers: (() => unknown)[] = [];

  before(async () => {
    [authority, stranger] = [new CertificateAuthority(), new CertificateAuthority()];
    ownIdentity = authority.issue({ commonName: 'keys', altName: 'DNS:localhost' });
    server = await startGuarded(serving());
    address = `localhost:${server.port}`;
  });
  after(async () => {
    await server?.close(0);
    for (const each of [authority, stranger]) each?.close();
  });
  afterEach(() => {
    for (const close of closers.splice(0)) close();
  });

  function serving(): Record<string, string> {
    return {
      KEYS_GRPC_CALLERS: CALLERS,
      KEYS_GRPC_TLS_CERT: ownIdentity.certificate,
      KEYS_GRPC_TLS_KEY: ownIdentity.key,
      KEYS_GRPC_TLS_CLIENT_CA: authority.certificate,
    };
  }

  function credentialsOf(identity?: Identity) {
    const pem = (text: string | undefined) => (text === undefined ? null : Buffer.from(text));
    return credentials.createSsl(pem(authority.certificate), pem(identity?.key), pem(identity?.certificate));
  }

  const outcome = (identity: Identity | undefined, path = VALIDATE, authorization: string[] = []) =>
    statusOf({ address, path, authorization, credentials: credentialsOf(identity) });

  const names: [what: string, identity: () => Identity, expected: string][] = [
    ['its subject’s CN', () => authority.issue({ commonName: 'gateway.svc.internal' }), 'OK'],
    ['a CN with a space', () => authority.issue({ commonName: 'audit reader' }), 'OK'],
    [
      'a DNS name',
      () => authority.issue({ commonName: 'x', altName: 'DNS:a.svc.internal,DNS:gateway.svc.internal' }),
      'OK',
    ],
    ['a name that nobody has', () => authority.issue({ commonName: 'someone' }), 'UNAUTHENTICATED'],
    [
      'a wildcard',
      () => authority.issue({ commonName: 'x', altName: 'DNS:*.svc.internal' }),
      'UNAUTHENTICATED',
    ],
    [
      'a name that only looks like one when it is printed',
      () =>
        authority.issue({
          commonName: 'x',
          altName: '@names\n[names]\nURI=http://x/, DNS:gateway.svc.internal',
        }),
      'UNAUTHENTICATED',
    ],
    [
      'a name within a longer one',
      () => authority.issue({ commonName: 'gateway.svc.internal.example.org' }),
      'UNAUTHENTICATED',
    ],
    [
      'the right name by another authority',
      () => stranger.issue({ commonName: 'gateway.svc.internal' }),
      'UNAUTHENTICATED',
    ],
  ];
  for (const [what, identity, expected] of names) {
    it(`answers ${expected} to a certificate with ${what}`, async () => {
      assert.equal(await outcome(identity()), expected);
    });
  }

  it('grants by certificate what is configured for it, streams included', async () => {
    const gateway = authority.issue({ commonName: 'gateway.svc.internal' });
    assert.equal(await outcome(gateway, FOLLOW), 'PERMISSION_DENIED');
  });

  it('lets a token do without a certificate, and a certificate not make good a wrong token', async () => {
    assert.equal(await outcome(undefined, VALIDATE, [`Bearer ${TOKEN}`]), 'OK');
    assert.equal(await outcome(undefined), 'UNAUTHENTICATED');
    const gateway = authority.issue({ commonName: 'gateway.svc.internal' });
    const wrong = [`Bearer ${TOKEN.slice(1)}x`];
    assert.equal(await outcome(gateway, VALIDATE, wrong), 'UNAUTHENTICATED');
  });

  it('answers for its health to whoever speaks TLS, and for nothing in the clear', async () => {
    assert.equal(await outcome(undefined, HEALTH), 'OK');
    const clear = statusOf({ address, path: HEALTH, credentials: credentials.createInsecure() });
    assert.equal(await clear, 'UNAVAILABLE');
  });

  it('verifies each connection by itself, and resumes none', async () => {
    const { certificate: cert, key } = stranger.issue({ commonName: 'gateway.svc.internal' });
    const open = async (session?: Buffer) => {
      const options = { port: server.port, host: 'localhost', ca: authority.certificate, cert, key };
      const socket = connect({ ...options, ALPNProtocols: ['h2'], ...(session ? { session } : {}) });
      closers.push(() => socket.destroy());
      const given = once(socket, 'session');
      await once(socket, 'secureConnect');
      return { isResumed: socket.isSessionReused(), given };
    };
    const [session] = (await (await open()).given) as [Buffer];
    assert.equal((await open(session)).isResumed, false);
  });

  describe('by our own client', () => {
    function clientFrom(env: Record<string, string>) {
      const own = { KEYS_GRPC_URL: address, KEYS_GRPC_TLS_CA: authority.certificate, ...env };
      const config = loadConfig(grpcClientVariables('KEYS'), own, [grpcClientRule('KEYS')]);
      const options = { ...grpcClientOptions('KEYS', config), peer: 'keys service', timeoutMs: 5000 };
      const client = createServiceClient(services.keyValidation, options);
      closers.push(() => client.close());
      return client;
    }

    async function problemOf(call: Promise<unknown>): Promise<[string, unknown]> {
      const error = await call.then(
        () => assert.fail('was answered'),
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof HokusaiError);
      return [error.code, error.cause];
    }

    it('proves itself by certificate or by token', async () => {
      const gateway = authority.issue({ commonName: 'gateway.svc.internal' });
      const byCertificate = { KEYS_GRPC_TLS_CERT: gateway.certificate, KEYS_GRPC_TLS_KEY: gateway.key };
      await clientFrom(byCertificate).call('ValidateKey', { key: 'x' });
      await clientFrom({ KEYS_GRPC_TOKEN: TOKEN }).call('ValidateKey', { key: 'x' });
    });

    it('accepts a server under any of the names that it is configured with, and under no other', async () => {
      const port = address.split(':')[1];
      const several = { KEYS_GRPC_TOKEN: TOKEN, KEYS_GRPC_URL: `127.0.0.1:${port},localhost:${port}` };
      for (let call = 0; call < 4; call += 1) await clientFrom(several).call('ValidateKey', { key: 'x' });
      const other = clientFrom({ KEYS_GRPC_TOKEN: TOKEN, KEYS_GRPC_URL: `127.0.0.1:${port}` });
      const [code, cause] = await problemOf(other.call('ValidateKey', { key: 'x' }));
      assert.equal(code, 'unavailable');
      assert.match(String(cause), /does not match certificate|not in the cert/);
    });

    it('accepts a server that one of Node’s authorities vouches for, if it is told no more than to use TLS', async () => {
      const script = fileURLToPath(new URL('support/validate-once.ts', import.meta.url));
      const folder = mkdtempSync(join(tmpdir(), 'hokusai-tls-'));
      closers.push(() => rmSync(folder, { recursive: true }));
      const outcomeTrusting = async ({ certificate }: CertificateAuthority) => {
        const file = join(folder, 'ca.pem');
        writeFileSync(file, certificate);
        const trust = { NODE_EXTRA_CA_CERTS: file, GRPC_DEFAULT_SSL_ROOTS_FILE_PATH: '' };
        const env = { ...trust, KEYS_GRPC_URL: address, KEYS_GRPC_TOKEN: TOKEN, KEYS_GRPC_TLS: 'true' };
        return (await promisify(execFile)(process.execPath, [script], { env })).stdout;
      };
      assert.equal(await outcomeTrusting(authority), 'OK');
      assert.equal(await outcomeTrusting(stranger), 'unavailable');
    });

    it('sends no token to a network in the clear, unless it is said that it may', () => {
      const token = { KEYS_GRPC_TOKEN: TOKEN, KEYS_GRPC_TLS_CA: '' };
      const problem =
        /^ {2}KEYS_GRPC_TOKEN: would go to (\S+) in the clear; .*TLS=true .*KEYS_GRPC_INSECURE=true/m;
      for (const [url, host] of [
        ['keys.internal:1', 'keys.internal'],
        ['127.0.0.1:1,10.0.0.7:2', '10.0.0.7'],
        ['localhost.example.org:1', 'localhost.example.org'],
      ] as const) {
        const start =
          (env: object = {}) =>
          () =>
            clientFrom({ ...token, KEYS_GRPC_URL: url, ...env });
        assert.throws(start(), (error: Error) => problem.exec(error.message)?.[1] === host, url);
        for (const name of ['KEYS_GRPC_INSECURE', 'KEYS_GRPC_TLS'])
          assert.doesNotThrow(start({ [name]: 'true' }));
        assert.doesNotThrow(start({ KEYS_GRPC_TLS_CA: authority.certificate }));
      }
      for (const url of ['127.0.0.1:1,localhost:2', '127.8.8.8:1'])
        assert.doesNotThrow(() => clientFrom({ ...token, KEYS_GRPC_URL: url }), url);
    });

    it('accepts no server that another authority vouches for', async () => {
      const before = server.refused.length;
      const client = clientFrom({ KEYS_GRPC_TOKEN: TOKEN, KEYS_GRPC_TLS_CA: stranger.certificate });
      assert.equal((await problemOf(client.call('ValidateKey', { key: 'x' })))[0], 'unavailable');
      assert.equal(server.refused.length, before);
    });
  });

  describe('in the configuration', () => {
    const problemsOf = (env: Record<string, string>) => {
      try {
        loadServing({ KEYS_GRPC_CALLERS: JSON.stringify([JSON.parse(CALLERS)[2]]), ...env });
        return '';
      } catch (error) {
        return (error as Error).message;
      }
    };

    it('is needed beyond the loopback address, unless it is said that it is not', () => {
      const needed = /^ {2}KEYS_GRPC_HOST: .*KEYS_GRPC_TLS_CERT.*KEYS_GRPC_INSECURE=true/m;
      for (const host of ['0.0.0.0', '::', '10.0.0.1', 'keys.internal', '127.0.0.1.example.org'])
        assert.match(problemsOf({ KEYS_GRPC_HOST: host }), needed, host);
      for (const host of ['127.0.0.1', '127.8.8.8', '::1', '[::1]', 'localhost'])
        assert.equal(problemsOf({ KEYS_GRPC_HOST: host }), '', host);
      assert.equal(problemsOf({ KEYS_GRPC_HOST: '0.0.0.0', KEYS_GRPC_INSECURE: 'true' }), '');
      assert.equal(problemsOf({ ...serving(), KEYS_GRPC_HOST: '0.0.0.0' }), '');
    });

    it('is whole: no certificate without its key, no known certificate without an authority', () => {
      const { KEYS_GRPC_TLS_CERT = '', KEYS_GRPC_TLS_KEY = '', KEYS_GRPC_TLS_CLIENT_CA = '' } = serving();
      const other = authority.issue({ commonName: 'other' });
      const problems = {
        'KEY: is required': { KEYS_GRPC_TLS_CERT },
        'CERT: is required': { KEYS_GRPC_TLS_KEY },
        'CERT: is required with KEYS_GRPC_TLS_CLIENT_CA': { KEYS_GRPC_TLS_CLIENT_CA },
        'KEY: is not the key of KEYS_GRPC_TLS_CERT': { KEYS_GRPC_TLS_CERT, KEYS_GRPC_TLS_KEY: other.key },
        'CLIENT_CA: is required, as gateway is known by a certificate': { KEYS_GRPC_CALLERS: CALLERS },
        'CERT: expected a certificate in PEM': { KEYS_GRPC_TLS_CERT: 'nonsense', KEYS_GRPC_TLS_KEY },
        'KEY: expected an unencrypted private key in PEM': { KEYS_GRPC_TLS_CERT, KEYS_GRPC_TLS_KEY: 'x' },
      };
      for (const [problem, env] of Object.entries(problems))
        assert.match(problemsOf(env), new RegExp(`^ {2}KEYS_GRPC_TLS_${problem}`, 'm'), problem);
    });
  });
});
