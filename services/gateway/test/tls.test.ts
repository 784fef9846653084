/** HTTPS at the gateway itself: what it agrees to, what browsers are told, and certificates that change under way. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CertificateAuthority,
  createNats,
  eventually,
  type Identity,
  spawnService,
  type TestNats,
  type TestService,
} from '@hokusai/testing';
import { GATEWAY_ENTRY, gatewaySettings } from './support/gateway-process.ts';
import { FakeKeysService } from './support/keys-service/fake.ts';
import { rawConnection } from './support/raw-client.ts';
import { type SecureClient, secureClient } from './support/secure-client.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

for (const workers of [1, 2])
  describe(`HTTPS of a gateway with ${workers === 1 ? 'one process' : 'two workers'}`, function () {
    this.timeout(120_000);
    let authority: CertificateAuthority;
    let nats: TestNats;
    let upstream: HttpUpstream;
    let keys: FakeKeysService;
    let folder: string;
    let env: Awaited<ReturnType<typeof gatewaySettings>>;
    let service: TestService;
    let client: SecureClient;
    let key: string;

    before(async () => {
      authority = new CertificateAuthority();
      folder = mkdtempSync(join(tmpdir(), 'hokusai-tls-'));
      nats = await createNats();
      upstream = await startHttpUpstream((_, outgoing) => {
        outgoing.setHeader('Strict-Transport-Security', 'max-age=0');
        outgoing.end('served');
      });
      keys = new FakeKeysService();
      await keys.start();
      key = keys.add().key;
      install(issue('first'));
      env = await gatewaySettings({
        ...{ MLFLOW_UPSTREAM_URL: upstream.url, NATS_URL: nats.urls.gateway, KEYS_GRPC_URL: keys.address },
        ...{ GATEWAY_TLS_CERT_FILE: path('cert'), GATEWAY_TLS_KEY_FILE: path('key') },
        ...{ GATEWAY_WORKERS: String(workers), ALLOW_INSECURE_HTTP: 'never', GATEWAY_HSTS_SECONDS: '1234' },
      });
      service = await spawnService({ entry: GATEWAY_ENTRY, env });
      client = secureClient(Number(env.GATEWAY_PORT), authority.certificate);
    });
    after(async () => {
      await service?.stop();
      await keys?.stop();
      await upstream?.close();
      await nats?.close();
      authority?.close();
      rmSync(folder, { recursive: true });
    });

    const path = (name: string) => join(folder, name);
    const issue = (commonName: string) => authority.issue({ commonName, altName: 'DNS:localhost' });
    const install = ({ certificate, key: privateKey }: Identity) => {
      writeFileSync(path('cert'), certificate);
      writeFileSync(path('key'), privateKey);
    };
    const headers = () => ({ authorization: `Bearer ${key}` });
    const experiments = '/mlflow/api/2.0/mlflow/experiments/search?max_results=1';
    /** Of each worker: connections are dealt out in turns. */
    const shownNames = async () =>
      new Set(await Promise.all(Array.from({ length: 2 * workers }, () => client.shownName())));
    const shows = (name: string) =>
      eventually(async () => assert.deepEqual(await shownNames(), new Set([name])));

    /** The value of a series. */
    const measured = async (series: string) => {
      const text = await (await fetch(`http://127.0.0.1:${env.HEALTH_PORT}/metrics`)).text();
      const line = text.split('\n').find((one) => one.startsWith(`hokusai_gateway_${series} `));
      return line && Number(line.split(' ').at(-1));
    };

    it('takes keys where plain HTTP is forbidden, and tells MLflow how they came', async () => {
      const answer = await client.ask(experiments, headers());
      assert.deepEqual([answer.status, answer.body], [200, 'served']);
      assert.equal(upstream.requests.at(-1)?.headers['x-forwarded-proto'], 'https');
    });

    it('tells browsers to come by HTTPS only, with whatever it answers', async () => {
      for (const [asked, sent, status] of [
        [experiments, headers(), 200],
        [experiments, {}, 401],
        ['/api/v1/version', {}, 200],
        ['/nowhere', {}, 404],
      ] as const) {
        const answer = await client.ask(asked, sent);
        assert.equal(answer.status, status);
        assert.equal(answer.headers['strict-transport-security'], 'max-age=1234', asked);
      }
    });

    it('speaks TLS 1.2 and 1.3 with ciphers of today, and nothing older', async () => {
      const agreed = async (options: Parameters<SecureClient['open']>[0]) => {
        const socket = await client.open(options);
        const protocol = socket.getProtocol();
        socket.destroy();
        return protocol;
      };
      assert.equal(await agreed({}), 'TLSv1.3');
      assert.equal(await agreed({ maxVersion: 'TLSv1.2' }), 'TLSv1.2');
      const old = { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const;
      await assert.rejects(agreed(old), /protocol version|unsupported protocol|alert/i);
      // Without forward secrecy, or without authenticated encryption.
      for (const ciphers of ['AES128-GCM-SHA256', 'ECDHE-ECDSA-AES128-SHA', 'ECDHE-ECDSA-AES256-SHA384'])
        await assert.rejects(agreed({ maxVersion: 'TLSv1.2', ciphers }), /handshake failure/i, ciphers);
    });

    it('ends a connection that speaks plain HTTP, and serves the others', async () => {
      const plain = await rawConnection(Number(env.GATEWAY_PORT));
      plain.send(`GET ${experiments} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${key}\r\n\r\n`);
      assert.doesNotMatch(await plain.closed(), /served/);
      assert.equal((await client.ask('/livez')).status, 200);
    });

    it('takes a renewed certificate when its files change, and leaves open connections alone', async () => {
      const connection = await client.open();
      install(issue('second'));
      await shows('second');
      connection.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
      const [bytes] = await once(connection, 'data');
      assert.match(String(bytes), /^HTTP\/1\.1 200/);
      connection.destroy();
      assert.match(service.output(), /certificates have been renewed/);
    });

    it('keeps what it has where the new pair is broken, and says so, until it is mended', async () => {
      const [wrong, right] = [issue('broken'), issue('third')];
      install({ certificate: wrong.certificate, key: right.key });
      await eventually(() =>
        assert.match(service.output(), /GATEWAY_TLS_KEY: is not the key of GATEWAY_TLS_CERT.*former ones/),
      );
      writeFileSync(path('cert'), 'half a certif');
      await eventually(() =>
        assert.match(service.output(), /GATEWAY_TLS_CERT: expected a certificate in PEM.*former ones/),
      );
      assert.deepEqual(await shownNames(), new Set(['second']));
      await eventually(async () => assert.equal(await measured('certificates_refused'), 1));
      install(right);
      await shows('third');
      await eventually(async () => {
        assert.equal(await measured('certificates_refused'), 0);
        const endMs = Date.parse(new X509Certificate(right.certificate).validTo);
        const series = 'certificate_expires_timestamp_seconds{variable="GATEWAY_TLS_CERT"}';
        assert.equal(await measured(series), endMs / 1000);
      });
    });

    it('takes one at once on SIGHUP, and loses no request by it', async () => {
      const outcomes: (number | string)[] = [];
      let isOver = false;
      const asking = (async () => {
        while (!isOver)
          outcomes.push(
            await client.ask('/livez').then(
              ({ status }) => status,
              (error: Error) => error.message,
            ),
          );
      })();
      install(issue('fourth'));
      service.signal('SIGHUP');
      await shows('fourth');
      isOver = true;
      await asking;
      assert.deepEqual(new Set(outcomes), new Set([200]));
    });

    it('is whole: no certificate without its key', async () => {
      const { GATEWAY_TLS_KEY_FILE: _, ...half } = env;
      const failing = await spawnService({ entry: GATEWAY_ENTRY, env: half, readyUrl: null });
      assert.equal((await failing.exited).code, 78);
      assert.match(failing.output(), /^ {2}GATEWAY_TLS_KEY: is required with GATEWAY_TLS_CERT$/m);
    });
  });
