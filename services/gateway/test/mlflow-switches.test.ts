/** What an operator may switch on and off of MLflow, by the variables of a gateway process. */
import assert from 'node:assert/strict';
import { createNats, spawnService, type TestNats } from '@hokusai/testing';
import { GATEWAY_ENTRY, gatewaySettings } from './support/gateway-process.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const ASSISTANT = ['/ajax-api/3.0/mlflow/assistant/config', '/api/3.0/mlflow/assistant/providers'];
const PRESIGNED = [
  '/api/2.0/mlflow-artifacts/presigned/1/2/artifacts/model.bin',
  '/ajax-api/2.0/mlflow/artifacts/presigned-download-url',
  '/api/2.0/mlflow/artifacts/presigned-upload-url',
  '/api/2.0/mlflow-artifacts/mpu/create/1/2/artifacts/model.bin',
];

describe('of MLflow', function () {
  this.timeout(60_000);
  let upstream: HttpUpstream;
  let nats: TestNats;

  before(async () => {
    upstream = await startHttpUpstream((_, outgoing) => outgoing.end('served'));
    nats = await createNats();
  });
  after(async () => {
    await upstream.close();
    await nats.close();
  });

  const cases = [
    { name: 'the assistant is off and presigned URLs are on', set: {}, open: PRESIGNED, shut: ASSISTANT },
    {
      name: 'the assistant can be switched on',
      set: { MLFLOW_ASSISTANT: 'true' },
      open: [...ASSISTANT, ...PRESIGNED],
      shut: [],
    },
    {
      name: 'presigned URLs can be switched off',
      set: { MLFLOW_PRESIGNED_URLS: 'false' },
      open: ['/api/2.0/mlflow-artifacts/artifacts/1/2/artifacts/model.bin'],
      shut: [...ASSISTANT, ...PRESIGNED],
    },
  ];
  for (const { name, set, open, shut } of cases) {
    it(name, async () => {
      // Without keys, so that only the switches decide.
      const urls = { MLFLOW_UPSTREAM_URL: upstream.url, NATS_URL: nats.urls.gateway };
      const given = { ...urls, EXCLUDED_PATHS: '/mlflow/*', ...set };
      const env = await gatewaySettings(given);
      const url = `http://127.0.0.1:${env.GATEWAY_PORT}`;
      await using _gateway = await spawnService({ entry: GATEWAY_ENTRY, env, readyUrl: `${url}/livez` });
      for (const path of open) assert.equal((await fetch(`${url}/mlflow${path}`)).status, 200, path);
      const passed = upstream.requests.length;
      for (const path of shut) {
        const answer = await fetch(`${url}/mlflow${path}`);
        assert.equal(answer.status, 403, path);
        assert.match(await answer.text(), /route_switched_off/);
      }
      assert.equal(upstream.requests.length, passed);
    });
  }
});
