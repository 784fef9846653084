/** Paths that need no key, and what does not become one of them. */
import assert from 'node:assert/strict';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { testKey } from './support/key.ts';
import { parseAnswer, sendRaw } from './support/raw-client.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const RUN = '/mlflow/api/2.0/mlflow/runs/get';

describe('excluded paths', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway | undefined;

  before(async () => {
    upstream = await startHttpUpstream((incoming, outgoing) => {
      incoming.resume();
      outgoing.end('served');
    });
  });
  afterEach(async () => {
    await gateway?.close();
    gateway = undefined;
  });
  after(() => upstream.close());

  async function excluding(...excluded: string[]): Promise<TestGateway> {
    gateway = await startGateway({ upstreamUrl: upstream.url, excluded });
    return gateway;
  }
  /** Without a key; the bytes of the request target as they are. */
  const ask = async (port: number, target: string, method = 'GET', ...lines: string[]) => {
    const head = [`${method} ${target} HTTP/1.1`, 'Host: x', 'Connection: close', ...lines, '', ''];
    return parseAnswer(await sendRaw(port, head.join('\r\n')));
  };

  it('that are all of MLflow let a call without a key through to it, and tell it that nobody is asking', async () => {
    const { port, usage } = await excluding('/mlflow/*');
    assert.equal((await ask(port, RUN)).body, 'served');
    assert.equal((await ask(port, RUN.replace('get', 'create'), 'POST')).body, 'served');
    const { headers } = upstream.requests.at(-1) ?? {};
    assert.equal(headers?.['x-hokusai-user'], undefined);
    assert.equal(headers?.['x-hokusai-key-id'], undefined);
    assert.deepEqual(usage, []);
  });

  it('get none of a key that is sent anyway, valid or not', async () => {
    const { port, key, log, accessLog } = await excluding('/mlflow/*');
    for (const each of [key.key, testKey().key]) {
      const basic = Buffer.from(`ada:${each}`).toString('base64');
      const lines = [`X-API-Key: ${each}`, `Referer: http://x/?api_key=${each}`];
      for (const value of [`Bearer ${each}`, each, `Basic ${basic}`]) {
        const answer = await ask(
          port,
          `${RUN}?a&api_key=${each}`,
          'GET',
          `Authorization: ${value}`,
          ...lines,
        );
        assert.equal(answer.status, 200);
        assert.equal(upstream.requests.at(-1)?.url, '/api/2.0/mlflow/runs/get?a');
      }
      const everything = upstream.received() + log.join('') + accessLog.join('');
      assert.ok(!everything.includes(each.slice(20)));
      assert.ok(!everything.includes(basic.slice(-40, -4)));
    }
  });

  it('change nothing for the management API, whatever is excluded', async () => {
    const { port } = await excluding('/mlflow/*', '/*');
    for (const path of [
      'auth/keys',
      'auth/whoami',
      'users',
      'auth/keys/',
      'unheard-of/..',
      'docs/../auth/keys',
    ]) {
      const { status } = await ask(port, `/api/v1/${path}`);
      assert.ok(status === 401 || status === 400 || status === 404, `${path}: ${status}`);
    }
    assert.equal((await ask(port, '/api/v1/auth/keys')).status, 401);
    assert.equal((await ask(port, '/api/v1/auth/keys', 'POST', 'Content-Length: 0')).status, 401);
  });

  const open = ['/api/v1/docs', '/api/v1/docs/start.js', '/api/v1/openapi.json', '/api/v1/version'];
  for (const path of ['/livez', '/readyz', ...open])
    it(`are not needed for ${path}`, async () => {
      const { port } = await excluding();
      assert.equal((await ask(port, path)).status, 200);
    });

  it('do not open what a rule refuses, nor what is not there', async () => {
    const { port } = await excluding('/mlflow/*', '/mlflow/api/3.0/mlflow/assistant/config');
    const before = upstream.requests.length;
    const refused = await ask(port, '/mlflow/api/3.0/mlflow/assistant/config');
    assert.equal(refused.status, 403);
    assert.match(refused.body, /route_switched_off/);
    assert.equal((await ask(port, '/mlflow/unheard-of')).status, 404);
    assert.equal((await ask(port, RUN, 'TRACE')).status, 405);
    assert.equal(upstream.requests.length, before);
  });

  it('are no way around the rule for browsers', async () => {
    const { port } = await excluding('/mlflow/*');
    const create = RUN.replace('get', 'create');
    for (const line of ['Origin: http://foreign.example', 'Sec-Fetch-Site: cross-site'])
      assert.equal((await ask(port, create, 'POST', line)).status, 403);
    assert.equal((await ask(port, RUN, 'GET', 'Sec-Fetch-Site: cross-site')).status, 200);
  });

  describe('below one folder are not widened by', () => {
    const FOLDER = '/mlflow/api/2.0/mlflow/experiments';
    const tricks = [
      `${FOLDER}/../runs/get`,
      `${FOLDER}/%2e%2e/runs/get`,
      `${FOLDER}/%2E./runs/get`,
      `${FOLDER}/.%2e/runs/get`,
      `${FOLDER}/..;/runs/get`,
      `${FOLDER}/..;a=b/runs/get`,
      `${FOLDER}/%2e%2e;/runs/get`,
      `${FOLDER}/..%2fruns/get`,
      `${FOLDER}/..%2Fruns%2Fget`,
      `${FOLDER}/%2e%2e%2fruns/get`,
      `${FOLDER}/..%5cruns/get`,
      `${FOLDER}\\..\\runs\\get`,
      `${FOLDER}/\\../runs/get`,
      `${FOLDER}/%5c..%5cruns/get`,
      `${FOLDER}//../runs/get`,
      `${FOLDER}/x/../../runs/get`,
      `${FOLDER}/./../runs/get`,
      `${FOLDER}/..%00/runs/get`,
      `${FOLDER}/..%c0%afruns/get`,
      `${FOLDER}/%c0%ae%c0%ae/runs/get`,
      `${FOLDER}/..\t/runs/get`,
      `${FOLDER}#/../runs/get`,
      `${FOLDER}/..?/runs/get`,
      `${FOLDER}/..#/runs/get`,
      `${FOLDER}%2f..%2fruns/get`,
      `${FOLDER}%2fget`,
      `${FOLDER};/get`,
      `${FOLDER};x/../get`,
      `${FOLDER}`,
      `${FOLDER}x/get`,
      `${FOLDER}-x`,
      `${FOLDER.toUpperCase()}/get`,
      `${FOLDER.replace('api/', 'ajax-api/')}/get`,
      `${FOLDER.replace('experiments', '%65xperiments')}/get`,
      `${FOLDER.replace('/mlflow/', '/%6dlflow/')}/get`,
      `/x/..${FOLDER}/get`,
      `/mlflow/x?y=${FOLDER}/get`,
      `/mlflow/x#${FOLDER}/get`,
      `/mlflow/x;${FOLDER}/get`,
      `http://x${FOLDER}/../runs/get`,
      `http://x${FOLDER}/get`,
      `x${FOLDER}/get`,
      `/api/v1/auth/keys/../../..${FOLDER}/get`,
      `${FOLDER}/../../../../../api/v1/auth/keys`,
      `${FOLDER}/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/api/v1/auth/keys`,
    ];
    for (const trick of tricks)
      it(JSON.stringify(trick), async () => {
        const { port } = await excluding(`${FOLDER}/*`);
        const before = upstream.requests.length;
        const { status } = await ask(port, trick);
        assert.ok([400, 401, 404].includes(status), String(status));
        assert.equal(upstream.requests.length, before);
      });

    it('headers that some servers take for a path', async () => {
      const { port } = await excluding(`${FOLDER}/*`);
      for (const name of [
        'X-Original-URL',
        'X-Rewrite-URL',
        'X-Original-URI',
        'X-Forwarded-Prefix',
        'Script-Name',
      ]) {
        const before = upstream.requests.length;
        assert.equal((await ask(port, RUN, 'GET', `${name}: ${FOLDER}/get`)).status, 401);
        assert.equal(upstream.requests.length, before);
        assert.equal((await ask(port, `${FOLDER}/get`, 'GET', `${name}: ${RUN}`)).status, 200);
        assert.doesNotMatch(upstream.requests.at(-1)?.rawHeaders.join('\n') ?? '', /runs/);
      }
    });

    it('a run of slashes, which stands for one', async () => {
      const { port } = await excluding(`${FOLDER}/*`);
      assert.equal((await ask(port, `${FOLDER.replaceAll('/', '//')}///get`)).status, 200);
      assert.equal(upstream.requests.at(-1)?.url, '/api/2.0/mlflow/experiments/get');
    });
  });

  it('that are one path are that one only', async () => {
    const { port } = await excluding(RUN);
    assert.equal((await ask(port, RUN)).status, 200);
    assert.equal((await ask(port, `${RUN}?a=/../x`)).status, 200);
    for (const other of [
      `${RUN}/`,
      `${RUN}/x`,
      `${RUN}s`,
      `${RUN}%2f`,
      `${RUN};x`,
      RUN.replace('get', '%67et'),
    ]) {
      const { status } = await ask(port, other);
      assert.ok([400, 401].includes(status), `${other}: ${status}`);
    }
  });
});
