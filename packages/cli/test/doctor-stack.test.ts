/** `hokusai doctor` and its twin in Python, on a real gateway before a real MLflow. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services } from '@hokusai/contracts';
import { type Cluster, eventually, grpcCallers, sharedMlflow, startCluster } from '@hokusai/testing';
import { EXIT_CODES } from '../src/failure.ts';
import { assertAlike, pythonDoctor } from './support/both-doctors.ts';
import { hokusai } from './support/command.ts';

describe('hokusai doctor, on a real gateway', function () {
  this.timeout(120_000);
  let cluster: Cluster;
  let gatewayUrl: string;
  let mlflow: Awaited<ReturnType<typeof sharedMlflow>>;
  let home: string;
  before(async function () {
    this.timeout(300_000);
    mlflow = await sharedMlflow();
    cluster = await startCluster({
      ...{ replicas: 1, gateways: 1, upstreamUrl: mlflow.url },
      keysCallers: grpcCallers(services.keyValidation, services.keyManagement, services.userManagement),
    });
    gatewayUrl = cluster.gateways[0]?.url ?? '';
    home = await mkdtemp(join(tmpdir(), 'hokusai-doctor-'));
  });
  after(async () => {
    await cluster[Symbol.asyncDispose]();
    await rm(home, { recursive: true });
  });

  async function callApi(method: string, path: string, key: string, body?: object) {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const response = await fetch(`${gatewayUrl}/api/v1/auth/${path}`, {
      ...{ method, headers },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { left: response.headers.get('x-ratelimit-remaining'), json: await response.json() };
  }

  async function createKey(more: object) {
    const { json } = await callApi('POST', 'keys', cluster.adminKey, { name: 'doctor', ...more });
    return json as { id: string; key: string };
  }

  /** Both, with the Python of the MLflow server; compared. */
  async function diagnosed(key: string, ...args: string[]) {
    const env = {
      ...{ PATH: process.env['PATH'] ?? '', HOME: home },
      ...{ MLFLOW_TRACKING_URI: `${gatewayUrl}/mlflow`, MLFLOW_TRACKING_TOKEN: key },
    };
    const { code, stdout, stderr } = await hokusai(['doctor', '--json', '--python', mlflow.python, ...args], {
      env,
    });
    const node = { report: JSON.parse(stdout), code, shown: stdout + stderr };
    assertAlike(node, await pythonDoctor(mlflow.python, args, env), [key.slice(20)]);
    const statuses = Object.fromEntries(
      (node.report.checks as { name: string; status: string; saw: string }[])
        .filter(({ saw }) => !saw.startsWith('Not looked at'))
        .map(({ name, status, saw }) => [name, { status, saw }]),
    );
    return { code, statuses };
  }

  it('finds nothing wrong but the way around it, and leaves nothing behind', async () => {
    const { key } = await createKey({ scopes: ['mlflow:read', 'mlflow:write', 'mlflow:delete'] });
    const { code, statuses } = await diagnosed(key, '--direct', mlflow.url);
    assert.equal(code, 0, JSON.stringify(statuses));
    const { bypass, artifacts, python, tls, ...others } = statuses;
    for (const [name, { status, saw }] of Object.entries(others))
      assert.equal(status, 'ok', `${name}: ${saw}`);
    assert.deepEqual([tls?.status, python?.status, bypass?.status], ['skipped', 'ok', 'warning']);
    assert.match(bypass?.saw ?? '', /^MLflow 3\.\d+\.\d+ answers past the gateway/);
    assert.match(artifacts?.saw ?? '', /came back the same\. The run and its file are deleted again\.$/);
    assert.match(python?.saw ?? '', /has mlflow 3\.\d+\.\d+/);
    const runs = await fetch(`${mlflow.url}/api/2.0/mlflow/runs/search`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ experiment_ids: [await experimentId()], run_view_type: 'ACTIVE_ONLY' }),
    });
    assert.deepEqual(((await runs.json()) as { runs?: unknown[] }).runs ?? [], []);
  });

  async function experimentId(): Promise<string> {
    const path = '/api/2.0/mlflow/experiments/get-by-name?experiment_name=hokusai-doctor';
    const { experiment } = (await (await fetch(mlflow.url + path)).json()) as {
      experiment: { experiment_id: string };
    };
    return experiment.experiment_id;
  }

  it('spends nothing of the limit, unless it writes', async () => {
    const { key } = await createKey({ rate_limit_per_hour: 2 });
    const { statuses } = await diagnosed(key, '--read-only');
    assert.match(statuses['key']?.saw ?? '', /It has 2 of 2 requests of this hour left/);
    assert.equal((await callApi('GET', 'whoami', key)).left, '2');
  });

  it('says of a key that was revoked what the gateway says', async () => {
    const { id, key } = await createKey({});
    await callApi('DELETE', `keys/${id}`, cluster.adminKey);
    await eventually(async () => {
      const { code, statuses } = await diagnosed(key, '--read-only');
      assert.equal(code, EXIT_CODES.forbidden, JSON.stringify(statuses));
      assert.match(statuses['key']?.saw ?? '', /was revoked/);
    });
  });
});
