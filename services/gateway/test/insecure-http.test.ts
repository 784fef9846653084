/** From where a key may come over plain HTTP: this machine, another one, and one behind a proxy, as processes see them. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { networkInterfaces } from 'node:os';
import { createNats, spawnService, type TestNats, type TestService } from '@hokusai/testing';
import { GATEWAY_ENTRY, gatewaySettings } from './support/gateway-process.ts';
import { FakeKeysService } from './support/keys-service/fake.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const EXPERIMENTS = '/mlflow/api/2.0/mlflow/experiments/search?max_results=1';

/** Of this machine, on a network. Whoever connects to it comes from it. */
const ownAddress = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ family, internal }) => family === 'IPv4' && !internal)?.address;

describe('a key over plain HTTP', function () {
  this.timeout(120_000);
  let nats: TestNats;
  let upstream: HttpUpstream;
  let keys: FakeKeysService;
  let key: string;
  const services: TestService[] = [];

  before(async function () {
    // Without a network there is no elsewhere.
    if (ownAddress === undefined) this.skip();
    nats = await createNats();
    upstream = await startHttpUpstream((_, outgoing) => outgoing.end('served'));
    keys = new FakeKeysService();
    await keys.start();
    key = keys.add().key;
  });
  afterEach(async () => {
    for (const service of services.splice(0)) await service.stop();
  });
  after(async () => {
    await keys?.stop();
    await upstream?.close();
    await nats?.close();
  });

  /** Answers the status of a request to an address of a gateway with these settings. */
  async function start(settings: Record<string, string>) {
    const env = await gatewaySettings({
      ...{ MLFLOW_UPSTREAM_URL: upstream.url, NATS_URL: nats.urls.gateway, KEYS_GRPC_URL: keys.address },
      ...{ GATEWAY_HOST: '0.0.0.0', ...settings },
    });
    services.push(await spawnService({ entry: GATEWAY_ENTRY, env }));
    return (host: string, headers: Record<string, string> = {}) =>
      new Promise<string>((resolve, reject) => {
        const authorization = `Bearer ${key}`;
        const options = { host, port: env.GATEWAY_PORT, path: EXPERIMENTS, agent: false };
        const sent = request({ ...options, headers: { authorization, ...headers } }, (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (text: string) => {
            body += text;
          });
          response.on('end', () =>
            resolve(`${response.statusCode} ${/insecure_transport|served/.exec(body)}`),
          );
        });
        sent.on('error', reject).end();
      });
  }
  const elsewhere = ownAddress ?? '';
  const SERVED = '200 served';
  const REFUSED = '403 insecure_transport';

  it('works from this machine and not from elsewhere, whatever a client says of itself', async () => {
    const ask = await start({});
    assert.equal(await ask('127.0.0.1'), SERVED);
    assert.equal(await ask(elsewhere), REFUSED);
    const claims = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '127.0.0.1', forwarded: 'proto=https' };
    assert.equal(await ask(elsewhere, claims), REFUSED);
  });

  it('works from elsewhere where a trusted proxy says that it came by HTTPS, and from nobody behind it otherwise', async () => {
    const ask = await start({ TRUSTED_PROXIES: elsewhere });
    const client = { 'x-forwarded-for': '203.0.113.9' };
    assert.equal(await ask(elsewhere, { ...client, 'x-forwarded-proto': 'https' }), SERVED);
    assert.equal(await ask(elsewhere, { ...client, 'x-forwarded-proto': 'http' }), REFUSED);
    assert.equal(await ask(elsewhere, client), REFUSED);
    assert.equal(await ask('127.0.0.1'), SERVED);
  });

  it('works from everywhere with `any`', async () => {
    const ask = await start({ ALLOW_INSECURE_HTTP: 'any' });
    assert.deepEqual([await ask(elsewhere), await ask('127.0.0.1')], [SERVED, SERVED]);
  });

  it('works from nowhere with `never`', async () => {
    const ask = await start({ ALLOW_INSECURE_HTTP: 'never' });
    assert.deepEqual([await ask(elsewhere), await ask('127.0.0.1')], [REFUSED, REFUSED]);
  });
});
