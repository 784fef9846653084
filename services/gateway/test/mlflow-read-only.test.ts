/**
 * What a key that may only read can do: called on every route of a real MLflow, with real objects to change,
 * it must change none, and see what there is to see.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalMlflow, type Dump, type MlflowContents, mlflowContents } from '@hokusai/testing';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { describeMlflow } from './support/installed-mlflow.ts';
import { type TestKey, testKey } from './support/key.ts';
import { ARTIFACT_TEXT, createMlflowObjects, type MlflowObjects, NAMES } from './support/mlflow-objects.ts';
import { type MlflowRequest, requestFor } from './support/mlflow-requests.ts';
import { KNOWN_ROUTES, type KnownRoute } from './support/mlflow-routes.ts';

const limits = { ratePerHour: 2_000_000_000, burst: 2_000_000_000, burstWindowSeconds: 1 };
const reader = testKey({ scopes: ['mlflow:read'], limits });
const writer = testKey({ scopes: ['mlflow:write', 'mlflow:delete'], limits });

/** Routes that need no more than mlflow:read and have nothing to show here: what MLflow answers instead. */
const NOTHING_TO_SHOW: Readonly<Record<string, number>> = {
  // The artifacts lie in a folder, to which no address leads.
  'GET /2.0/mlflow-artifacts/presigned/{artifact_path:path}': 501,
  'POST /2.0/mlflow/artifacts/presigned-download-url': 400,
  // Declared for another product of theirs.
  'GET /2.0/mlflow/get-online-trace-details': 404,
  'GET /2.0/mlflow/unified-traces': 404,
  'POST /2.0mlflow/experiments/search-datasets': 404,
  // Not in use: the server was started without workspaces and without jobs.
  'GET /3.0/mlflow/workspaces': 503,
  'GET /3.0/mlflow/workspaces/{workspace_name}': 503,
  'GET /3.0/mlflow/prompt-optimization/jobs/{job_id}': 404,
  // Wants its query in a body, which the gateway refuses with a GET. The UI sends POST.
  'GET /graphql': 500,
};

/** Routes that change things, and none here. */
const NOTHING_TO_CHANGE: readonly string[] = [
  // The artifacts lie in a folder, which takes no uploads past the server.
  'POST /api/2.0/mlflow-artifacts/mpu/abort/{artifact_path:path}',
  'POST /api/2.0/mlflow-artifacts/mpu/complete/{artifact_path:path}',
  'POST /api/2.0/mlflow-artifacts/mpu/create/{artifact_path:path}',
  'POST /api/2.0/mlflow/artifacts/presigned-upload-url',
  // The server was started without jobs.
  'DELETE /api/3.0/mlflow/prompt-optimization/jobs/{job_id}',
  'POST /api/3.0/mlflow/prompt-optimization/jobs/{job_id}/cancel',
];

describe('a key with mlflow:read alone', function () {
  this.timeout(180_000);
  let gateway: TestGateway;
  let contents: MlflowContents;
  let objects: MlflowObjects;
  let routes: KnownRoute[];

  before(async () => {
    const mlflow = await createLocalMlflow();
    gateway = await startGateway({ upstreamUrl: mlflow.url });
    for (const key of [reader, writer]) gateway.add(key);
    contents = mlflowContents(mlflow.dataDirectory);
    const [made, installed] = await Promise.all([
      createMlflowObjects(mlflow.url),
      describeMlflow(mlflow.python),
    ]);
    objects = made;
    const served = new Set(installed.routes.map(([method, route]) => `${method} ${route}`));
    routes = KNOWN_ROUTES.filter(({ method, route }) => served.has(`${method} ${route}`));
    assert.equal(routes.length, served.size);
  });
  after(async () => {
    contents?.[Symbol.dispose]();
    await gateway?.close();
  });

  async function send({ key }: TestKey, method: string, request: MlflowRequest) {
    const { path, headers, body } = request;
    const response = await fetch(`${gateway.url}/mlflow${path}`, {
      method,
      headers: { ...headers, authorization: `Bearer ${key}` },
      ...(body === undefined ? {} : { body }),
    });
    return { status: response.status, text: await response.text() };
  }

  it('changes nothing by any route, and sees what each has to show', async () => {
    const before = contents.dump();
    const surprises: string[] = [];
    for (const { method, route, scope } of routes) {
      const request = requestFor(method, route, objects);
      const { status, text } = await send(reader, method, request);
      if (status !== expectedStatus(method, route, scope))
        surprises.push(`${method} ${route} answers ${status} ${text.slice(0, 300)}`);
      // MLflow serves HEAD wherever it serves GET, but takes no notice of the query.
      if (method === 'GET') await send(reader, 'HEAD', request);
    }
    assert.deepEqual(differences(before, contents.dump()), []);
    assert.deepEqual(surprises, []);
  });

  it("sees MLflow's UI, downloads and queries", async () => {
    const { runId, experimentId } = objects;
    const see = async (path: string, body?: object) => {
      const post = { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
      const request = body === undefined ? { headers: {}, body } : post;
      const { status, text } = await send(reader, body === undefined ? 'GET' : 'POST', { path, ...request });
      assert.equal(status, 200, text);
      return text;
    };
    assert.match(await see('/'), /<div id="root"/);
    assert.equal(await see(`/get-artifact?run_id=${runId}&path=${NAMES.artifact}`), ARTIFACT_TEXT);
    const artifacts = `/api/2.0/mlflow-artifacts/artifacts/${objects.artifactRoot.run}`;
    assert.equal(await see(`${artifacts}/${NAMES.artifact}`), ARTIFACT_TEXT);
    const found = await see('/api/2.0/mlflow/runs/search', { experiment_ids: [experimentId] });
    assert.ok(found.includes(runId), found);
    const query = `query { mlflowGetRun(input: {runId: "${runId}"}) { run { info { runName } } } }`;
    assert.ok((await see('/graphql', { query })).includes(NAMES.run));
  });

  it("has MLflow write what it writes at anybody's first look, and no more", async () => {
    // MLflow gives an experiment its first question for reviewers when its questions are first listed.
    const look = { path: '/api/3.0/mlflow/label-schemas/list?experiment_id=0', headers: {}, body: undefined };
    const before = contents.dump();
    assert.equal((await send(reader, 'GET', look)).status, 200);
    const after = contents.dump();
    assert.deepEqual(differences(before, after), ['table label_schemas']);
    assert.equal((await send(reader, 'GET', look)).status, 200);
    assert.deepEqual(differences(after, contents.dump()), []);
  });

  it('would be found out: with the scopes that they need, the same requests change something', async () => {
    const saved = await mkdtemp(join(tmpdir(), 'hokusai-mlflow-'));
    await contents.saveTo(saved);
    const before = contents.dump();
    const withoutEffect: string[] = [];
    for (const { method, route } of routes.filter(canChange)) {
      await send(writer, method, requestFor(method, route, objects));
      if (differences(before, contents.dump()).length === 0) withoutEffect.push(`${method} ${route}`);
      else await contents.restoreFrom(saved);
    }
    assert.deepEqual(differences(before, contents.dump()), []);
    await rm(saved, { recursive: true });
    assert.deepEqual(withoutEffect, NOTHING_TO_CHANGE);
  });
});

/** Those that change an object; each once, as the UI's paths lead to the same. */
function canChange({ route, scope }: KnownRoute): boolean {
  const isTwin =
    route.startsWith('/ajax-api/') &&
    KNOWN_ROUTES.some((each) => each.route === route.replace('/ajax-api/', '/api/'));
  return (scope === 'mlflow:write' || scope === 'mlflow:delete') && !isTwin;
}

function expectedStatus(method: string, route: string, scope: string): number {
  if (scope !== 'public' && scope !== 'mlflow:read') return 403;
  const kind = `${method} ${route.replace(/^\/(ajax-)?api\//, '/')}`;
  return NOTHING_TO_SHOW[kind] ?? 200;
}

/** Tables and artifacts. */
function differences(before: Dump, after: Dump): string[] {
  const places = new Set([...before.keys(), ...after.keys()]);
  return [...places].filter((place) => before.get(place) !== after.get(place));
}
