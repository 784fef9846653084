/** The stock MLflow client through the gateway: the newest one and the oldest 2.x, by token and by password. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { eventually, pythonEnvironment } from '@hokusai/testing';
import { runClient } from './support/client.ts';
import { queryRows } from './support/query.ts';
import { createKey, revokeKey } from './support/rest.ts';
import { type Stack, sharedStack } from './support/stack.ts';

const root = join(import.meta.dirname, '../..');
const EXPORT_SPAN = join(root, 'packages/sdk/test/fixtures/export-span.ts');
const SCOPES = ['mlflow:read', 'mlflow:write', 'mlflow:delete'];

describe('the stock MLflow client', function () {
  this.timeout(300_000);
  let stack: Stack;
  let trackingUri: string;
  let key: string;
  let oldPython: string;

  before(async () => {
    stack = await sharedStack();
    trackingUri = `${stack.gatewayUrl}/mlflow`;
    key = (await createKey(stack.gatewayUrl, stack.adminKey, { name: 'e2e', scopes: SCOPES })).key;
    oldPython = await pythonEnvironment('test/e2e/client/mlflow-2.lock.txt');
  });

  const clients = [
    { name: 'newest', python: () => stack.python, version: /^3\.1\d\./ },
    { name: 'oldest 2.x', python: () => oldPython, version: /^2\.\d+\./ },
  ];
  const credentials = [
    { name: 'Bearer', of: (secret: string) => ({ token: secret }) },
    { name: 'Basic', of: (secret: string) => ({ username: 'ada', password: secret }) },
  ];

  for (const client of clients) {
    for (const credential of credentials) {
      it(`${client.name}, ${credential.name}: tracks, stores, registers and loads back`, async () => {
        const name = `${client.name} ${credential.name}`;
        const run = { python: client.python(), trackingUri, credentials: credential.of(key) };
        const result = JSON.parse(await runClient(run, 'flow.py', name, `model ${name}`)) as {
          version: string;
        };
        assert.match(result.version, client.version);
      });
    }
  }

  it('stores a span sent by plain OTLP', async () => {
    const run = { python: stack.python, trackingUri, credentials: { token: key } };
    assert.equal(await runClient(run, 'otlp.py', '0'), 'stored');
  });

  it("finds the span of OpenTelemetry's own exporter, which its environment alone has sent here", async () => {
    const experiment = await fetch(`${trackingUri}/api/2.0/mlflow/experiments/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ name: 'spans of an exporter' }),
    });
    const { experiment_id: id } = (await experiment.json()) as { experiment_id: string };
    const env = {
      PATH: process.env['PATH'],
      OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: `${trackingUri}/v1/traces`,
      OTEL_EXPORTER_OTLP_TRACES_HEADERS: `x-mlflow-experiment-id=${id},authorization=Bearer%20${key}`,
    };
    const { stdout: traceId } = await promisify(execFile)(process.execPath, [EXPORT_SPAN], { env });
    assert.match(traceId, /^[0-9a-f]{32}$/);
    const run = { python: stack.python, trackingUri, credentials: { token: key } };
    const found = JSON.parse(await runClient(run, 'find_traces.py', id));
    assert.deepEqual(found, [{ trace_id: `tr-${traceId}`, spans: [['answer', 'why']] }]);
  });

  describe('shows its user', () => {
    const refusal = (token: string | undefined, ...args: string[]) =>
      runClient(
        { python: stack.python, trackingUri, credentials: token === undefined ? undefined : { token } },
        'refusal.py',
        ...args,
      );

    it('what to do without a key', async () => {
      const shown = await refusal(undefined, 'search');
      assert.match(shown, /RestException: UNAUTHENTICATED: .*MLFLOW_TRACKING_TOKEN/);
    });

    it('nothing but that it does not know the code, where it is old, as the page on its errors says', async () => {
      const run = { python: oldPython, trackingUri, credentials: undefined };
      const shown = await runClient(run, 'refusal.py', 'search');
      assert.equal(shown, "ValueError: Enum ErrorCode has no value defined for name 'UNAUTHENTICATED'");
      const page = readFileSync(join(root, 'docs/troubleshooting/mlflow-errors.md'), 'utf8');
      assert.ok(page.includes(`\`${shown}\``));
    });

    it('that a key is mistyped, without repeating it', async () => {
      const mistyped = `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`;
      const shown = await refusal(mistyped, 'search');
      assert.match(shown, /RestException: UNAUTHENTICATED: /);
      assert.ok(!shown.includes(mistyped.slice(25)), shown);
    });

    it('that a key is cut off', async () => {
      assert.match(
        await refusal(key.slice(0, 40), 'search'),
        /RestException: UNAUTHENTICATED: .*58 characters/,
      );
    });

    it('that its key is revoked, which one, and the request id', async () => {
      const doomed = await createKey(stack.gatewayUrl, stack.adminKey, { name: 'doomed', scopes: SCOPES });
      assert.equal(await refusal(doomed.key, 'search'), 'not refused');
      await revokeKey(stack.gatewayUrl, stack.adminKey, doomed.id);
      const shown = await eventually(async () => {
        const text = await refusal(doomed.key, 'search');
        assert.notEqual(text, 'not refused');
        return text;
      });
      assert.match(
        shown,
        new RegExp(`RestException: PERMISSION_DENIED: .*${doomed.key_prefix}.*revoked.*request`, 'i'),
      );
    });

    it('which scope is missing', async () => {
      const reader = await createKey(stack.gatewayUrl, stack.adminKey, {
        name: 'reader',
        scopes: ['mlflow:read'],
      });
      const shown = await refusal(reader.key, 'create', 'never made');
      assert.match(shown, /RestException: PERMISSION_DENIED: .*mlflow:write/);
    });
  });

  it('leaves a usage row for each request, and audit rows for the key and the refusal', async () => {
    const fresh = await createKey(stack.gatewayUrl, stack.adminKey, {
      name: 'counted',
      scopes: ['mlflow:read'],
    });
    const run = { python: stack.python, trackingUri, credentials: { token: fresh.key } };
    assert.equal(await runClient(run, 'refusal.py', 'search'), 'not refused');
    await runClient(run, 'refusal.py', 'create', 'refused');
    await eventually(async () => {
      const rows = await queryRows(stack.env['USAGE_DATABASE_URL'], USAGE_ROWS, [fresh.id]);
      assert.deepEqual(
        rows,
        [
          { method: 'POST', refusal: 'scope_missing', status_code: 403 },
          { method: 'POST', refusal: null, status_code: 200 },
        ].toSorted((a, b) => a.status_code - b.status_code),
      );
    });
    await eventually(
      async () => {
        const rows = await queryRows(stack.env['AUDIT_DATABASE_URL'], AUDIT_ROWS, [`%${fresh.id}%`]);
        assert.deepEqual(rows.map(({ action }) => action).toSorted(), ['auth.refused', 'key.created']);
      },
      { timeoutMs: 90_000 },
    );
  });
});

const USAGE_ROWS =
  'select method, refusal, status_code from api_key_usage where api_key_id = $1 order by status_code';
const AUDIT_ROWS = 'select action from audit_events where body like $1';
