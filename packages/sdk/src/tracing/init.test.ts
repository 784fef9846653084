import assert from 'node:assert/strict';
import { AuthenticationError, ConfigurationError } from '../errors/errors.ts';
import type { ApiRequest, HttpClient, JsonObject } from '../http/client.ts';
import { startTracing, type TracingConfig } from './init.ts';
import { findOtlpSettings } from './otlp.ts';

const trackingUri = 'https://gateway.example/mlflow/';

/** A server with the experiments Default and images. */
function openServer() {
  const requests: string[] = [];
  const json = ({ path, query }: ApiRequest): Promise<JsonObject> => {
    requests.push(path.replace('/api/2.0/mlflow/', ''));
    const id = query?.['experiment_id'] ?? (query?.['experiment_name'] === 'images' ? '7' : '0');
    return Promise.resolve({ experiment: { experiment_id: `${id}`, name: `n${id}` } });
  };
  const no = () => assert.fail();
  const http: HttpClient = { json, upload: no, download: no, close: () => requests.push('closed') };
  return { http, requests };
}

function openPackage() {
  const inits: unknown[] = [];
  let flushes = 0;
  const flushTraces = () => {
    flushes += 1;
    return Promise.resolve();
  };
  return {
    module: { init: (options: unknown) => void inits.push(options), flushTraces },
    inits,
    flushes: () => flushes,
  };
}

const notFound = (name: string) =>
  Object.assign(new Error(`Cannot find package '${name}' imported from x.js`), {
    code: 'ERR_MODULE_NOT_FOUND',
  });

async function start(config: TracingConfig, env: Record<string, string> = {}) {
  const { module, inits } = openPackage();
  const { http, requests } = openServer();
  const dependencies = { env, openClient: () => http, load: () => Promise.resolve(module) };
  const tracing = await startTracing({ trackingUri, ...config }, dependencies);
  return { tracing, options: inits[0], requests };
}

describe('initTracing', () => {
  it("gives MLflow's package the tracking URI, the experiment and the credentials of the manager", async () => {
    const { tracing, options, requests } = await start({ token: 'hk_live_x' });
    assert.deepEqual(options, {
      trackingUri: 'https://gateway.example/mlflow',
      experimentId: '0',
      trackingServerToken: 'hk_live_x',
    });
    assert.deepEqual([tracing.isActive, tracing.experimentId], [true, '0']);
    assert.deepEqual(requests, ['experiments/get', 'closed']);
  });

  for (const [config, env, expected] of [
    [{ apiKey: 'k' }, {}, { trackingServerToken: 'k' }],
    [{}, { HOKUSAI_API_KEY: 'k' }, { trackingServerToken: 'k' }],
    [{}, { MLFLOW_TRACKING_TOKEN: 't', HOKUSAI_API_KEY: 'k' }, { trackingServerToken: 't' }],
    [
      { username: 'u', password: 'p' },
      { MLFLOW_TRACKING_TOKEN: 't' },
      { trackingServerUsername: 'u', trackingServerPassword: 'p' },
    ],
    [
      {},
      { MLFLOW_TRACKING_USERNAME: 'u', MLFLOW_TRACKING_PASSWORD: 'p' },
      { trackingServerUsername: 'u', trackingServerPassword: 'p' },
    ],
    [{}, {}, {}],
  ] as [TracingConfig, Record<string, string>, object][])
    it(`shares credentials: ${Object.keys({ ...config, ...env }).join() || 'none'}`, async () => {
      const {
        trackingUri: _,
        experimentId: __,
        ...credentials
      } = (await start(config, env)).options as Record<string, string>;
      assert.deepEqual(credentials, expected);
    });

  for (const [config, env, expected] of [
    [{ experimentId: '3', experimentName: 'images' }, { MLFLOW_EXPERIMENT_ID: '5' }, '3'],
    [{ experimentName: 'images' }, { MLFLOW_EXPERIMENT_ID: '5' }, '7'],
    [{}, { MLFLOW_EXPERIMENT_NAME: 'images', MLFLOW_EXPERIMENT_ID: '5' }, '7'],
    [{}, { MLFLOW_EXPERIMENT_ID: '5' }, '5'],
    [{}, { MLFLOW_EXPERIMENT_ID: '' }, '0'],
  ] as [TracingConfig, Record<string, string>, string][])
    it(`takes the experiment ${expected} of ${JSON.stringify({ ...config, ...env })}`, async () => {
      assert.equal((await start(config, env)).tracing.experimentId, expected);
    });

  it('refuses a configuration with which the package would send other credentials', async () => {
    const pair = { MLFLOW_TRACKING_USERNAME: 'u', MLFLOW_TRACKING_PASSWORD: 'p' };
    await assert.rejects(start({ token: 'secret' }, pair), (error) => {
      assert(error instanceof ConfigurationError);
      assert.match(error.message, /MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD/);
      assert(!error.message.includes('secret'));
      return true;
    });
    const ownProcess = { MLFLOW_ENABLE_ASYNC_TRACE_LOGGING: 'true' };
    await assert.rejects(start({ token: 't' }, ownProcess), /MLFLOW_ENABLE_ASYNC_TRACE_LOGGING/);
    await start({}, { ...ownProcess, MLFLOW_TRACKING_TOKEN: 't' });
    await start({}, ownProcess);
  });

  it('refuses a timeout that the package would take for milliseconds', async () => {
    for (const seconds of ['60', '1.5', '999']) {
      const started = start({ timeoutMs: 60_000 }, { MLFLOW_HTTP_REQUEST_TIMEOUT: seconds });
      await assert.rejects(started, (error) => {
        assert(error instanceof ConfigurationError);
        assert.match(error.message, /MLFLOW_HTTP_REQUEST_TIMEOUT in milliseconds/);
        return true;
      });
    }
    // A second or more is long enough, and of what begins with no whole number it makes its default.
    await start({}, { MLFLOW_HTTP_REQUEST_TIMEOUT: '1000' });
    await start({}, { MLFLOW_HTTP_REQUEST_TIMEOUT: '0.5' });
    await start({}, { MLFLOW_HTTP_REQUEST_TIMEOUT: '' });
  });

  it('refuses a workspace, which the package alone would send to', async () => {
    await assert.rejects(start({}, { MLFLOW_WORKSPACE: 'team' }), (error) => {
      assert(error instanceof ConfigurationError);
      assert.match(error.message, /MLFLOW_WORKSPACE/);
      return true;
    });
    await start({}, { MLFLOW_WORKSPACE: '' });
  });

  it('names all that is refused at once, before it asks the server', async () => {
    const { module, inits } = openPackage();
    const env = { MLFLOW_WORKSPACE: 'team', MLFLOW_HTTP_REQUEST_TIMEOUT: '60' };
    const openClient = () => assert.fail();
    const dependencies = { env, openClient, load: () => Promise.resolve(module) };
    await assert.rejects(startTracing({ trackingUri }, dependencies), /(?=.*WORKSPACE)(?=.*TIMEOUT)/s);
    assert.deepEqual(inits, []);
  });

  it('finds the package under its name, then under the one it had, by its exports or below default', async () => {
    const { module, inits, flushes } = openPackage();
    for (const [present, found] of [
      ['@mlflow/core', module],
      ['mlflow-tracing', { default: module }],
    ] as const) {
      const load = (name: string) =>
        name === present ? Promise.resolve(found) : Promise.reject(notFound(name));
      const tracing = await startTracing(
        { trackingUri },
        { env: {}, openClient: () => openServer().http, load },
      );
      await tracing.flush();
    }
    assert.deepEqual([inits.length, flushes()], [2, 2]);
  });

  it('says what to install if there is none, before it asks the server', async () => {
    const load = (name: string) => Promise.reject(notFound(name));
    const openClient = () => assert.fail();
    await assert.rejects(startTracing({ trackingUri }, { env: {}, openClient, load }), (error) => {
      assert(error instanceof ConfigurationError);
      assert.match(error.message, /npm install @mlflow\/core/);
      return true;
    });
  });

  it('does not take it for missing if another package is, nor for it what has another interface', async () => {
    const openClient = () => assert.fail();
    const withoutApi = () => Promise.reject(notFound('@opentelemetry/api'));
    await assert.rejects(
      startTracing({ trackingUri }, { env: {}, openClient, load: withoutApi }),
      /'@opentelemetry\/api'/,
    );
    const other = () => Promise.resolve({ default: {} });
    await assert.rejects(
      startTracing({ trackingUri }, { env: {}, openClient, load: other }),
      /@mlflow\/core has no init\(\)/,
    );
  });

  it('takes the package that it is given', async () => {
    const { module, inits } = openPackage();
    const load = () => assert.fail();
    const openClient = () => openServer().http;
    await startTracing({ trackingUri, mlflow: module }, { env: {}, openClient, load });
    assert.equal(inits.length, 1);
  });

  it('records nothing in mock mode, without package and server', async () => {
    const no = () => assert.fail();
    const env = { HOKUSAI_MOCK_MODE: 'true' };
    const tracing = await startTracing({ trackingUri }, { env, openClient: no, load: no });
    await tracing.flush();
    assert.deepEqual([tracing.isActive, tracing.experimentId], [false, null]);
  });

  it('begins nothing if the server does not let the credentials in', async () => {
    const { module, inits } = openPackage();
    const { http, requests } = openServer();
    http.json = () => Promise.reject(new AuthenticationError('no'));
    const dependencies = { env: {}, openClient: () => http, load: () => Promise.resolve(module) };
    await assert.rejects(startTracing({ trackingUri }, dependencies), AuthenticationError);
    assert.deepEqual([inits, requests], [[], ['closed']]);
  });
});

describe('otlpSettings', () => {
  it('are the address, the experiment and the credentials for an exporter', async () => {
    const openClient = () => openServer().http;
    const settings = { trackingUri, experimentName: 'images', token: 't' };
    assert.deepEqual(await findOtlpSettings(settings, { env: {}, openClient }), {
      url: 'https://gateway.example/mlflow/v1/traces',
      headers: { 'x-mlflow-experiment-id': '7', authorization: 'Bearer t' },
    });
    const bare = await findOtlpSettings({ trackingUri }, { env: {}, openClient });
    assert.deepEqual(bare.headers, { 'x-mlflow-experiment-id': '0' });
  });
});
