/** A gateway that observes: it serves the stock client whatever key it has, and the report says who would be refused. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { eventually } from '@hokusai/testing';
import { hokusai } from '../../packages/cli/test/support/command.ts';
import { runClient } from './support/client.ts';
import { type AnotherGateway, startAnotherGateway } from './support/gateway.ts';
import { type CreatedKey, createKey, revokeKey } from './support/rest.ts';
import { type Stack, sharedStack } from './support/stack.ts';

const CREATE = '/mlflow/api/2.0/mlflow/experiments/create';
const SCOPES = ['mlflow:read', 'mlflow:write'];
const LIFETIME_MS = 5000;
const WAIT = { timeoutMs: 60_000 };

interface Case {
  reason: string;
  /** What an enforcing gateway answers. */
  status: number;
  key: string | undefined;
  keyPrefix: string | null;
}

const GUIDE = fileURLToPath(new URL('../../docs/migration.md', import.meta.url));

/** The lines of the printed report in the guide. */
const documentedReport = () =>
  /^CLIENT .*?(?=\n```)/ms.exec(readFileSync(GUIDE, 'utf8'))?.[0].split('\n') ?? [];

const wordsOf = (line = '') => line.trim().split(/\s+/).join(' ');

describe('a gateway that observes', function () {
  this.timeout(300_000);
  let stack: Stack;
  let observing: AnotherGateway | undefined;
  let good: CreatedKey;
  let cases: Case[];

  before(async () => {
    stack = await sharedStack();
    observing = await startAnotherGateway(stack, { AUTH_MODE: 'observe' });
    good = await make('good', { scopes: SCOPES });
    cases = await badCases();
  });
  after(() => observing?.service.stop());

  const make = (name: string, fields: object) =>
    createKey(stack.gatewayUrl, stack.adminKey, { name: `observed ${name}`, ...fields });

  async function badCases(): Promise<Case[]> {
    const expiresAt = new Date(Date.now() + LIFETIME_MS).toISOString();
    const expired = await make('expired', { scopes: SCOPES, expires_at: expiresAt });
    const revoked = await make('revoked', { scopes: SCOPES });
    await revokeKey(stack.gatewayUrl, stack.adminKey, revoked.id);
    const reader = await make('reader', { scopes: ['mlflow:read'] });
    const spent = await make('spent', { scopes: SCOPES, rate_limit_per_hour: 1 });
    const known = (reason: string, status: number, { key, key_prefix: keyPrefix }: CreatedKey) => ({
      ...{ reason, status, key, keyPrefix },
    });
    const cases = [
      { reason: 'key_missing', status: 401, key: undefined, keyPrefix: null },
      { reason: 'key_malformed', status: 401, key: 'a password', keyPrefix: null },
      known('key_revoked', 403, revoked),
      known('key_expired', 403, expired),
      known('scope_missing', 403, reader),
      known('rate_limited', 429, spent),
    ];
    // Until gateways know of the revocation, the end has come, and the one request is spent.
    for (const each of cases)
      await eventually(async () => assert.equal((await ask(each)).status, each.status), WAIT);
    return cases;
  }

  /** Without a name nothing is made. */
  const ask = ({ key }: Pick<Case, 'key'>, gateway = stack.gatewayUrl) =>
    fetch(`${gateway}${CREATE}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
      body: '{}',
    }).then(async (response) => {
      await response.arrayBuffer();
      return response;
    });

  const createExperiment = (gateway: string, key: string | undefined, name: string) =>
    runClient(
      {
        python: stack.python,
        trackingUri: `${gateway}/mlflow`,
        credentials: key === undefined ? undefined : { token: key },
      },
      'refusal.py',
      ...['create', name],
    );

  async function report(): Promise<Record<string, unknown>[]> {
    const env = { HOKUSAI_API_URL: stack.gatewayUrl, HOKUSAI_API_KEY: stack.adminKey };
    const args = ['auth', 'observe-report', '--from', '1h', '--limit', '1000', '--json'];
    const { code, stdout, stderr } = await hokusai(args, { env });
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout).data;
  }

  const ofTheClient = async () =>
    (await report()).filter((row) => row['user_agent_family'] === 'mlflow-python-client');

  it('serves the stock client with any key, and reports why it would have refused it', async () => {
    const url = observing?.url ?? '';
    for (const { key, reason } of cases)
      assert.equal(await createExperiment(url, key, `observed ${reason}`), 'not refused', reason);
    assert.equal(await createExperiment(url, good.key, 'observed good'), 'not refused');
    await eventually(async () => {
      const rows = await ofTheClient();
      for (const { reason, keyPrefix } of cases)
        assert.ok(
          rows.some((row) => row['reason'] === reason && row['key_prefix'] === keyPrefix),
          `${reason} is not in ${JSON.stringify(rows)}`,
        );
      assert.ok(rows.every((row) => row['key_prefix'] !== good.key_prefix));
    }, WAIT);
  });

  it('prints the report as the migration guide shows it', async () => {
    const env = { HOKUSAI_API_URL: stack.gatewayUrl, HOKUSAI_API_KEY: stack.adminKey };
    const { code, stdout } = await hokusai(['auth', 'observe-report', '--from', '1h'], { env });
    assert.equal(code, 0);
    const [header, ...rows] = stdout.split('\n').map(wordsOf);
    const [documented, ...examples] = documentedReport().map(wordsOf);
    assert.equal(header, documented);
    for (const reason of ['key_missing', 'scope_missing'])
      for (const table of [rows, examples])
        assert.ok(
          table.some((row) => row.includes(` mlflow-python-client ${reason} `)),
          table.join('\n'),
        );
  });

  it('says so in its answers, where one that enforces refuses', async () => {
    for (const { key, reason, status } of cases) {
      const observed = await ask({ key }, observing?.url);
      assert.deepEqual([observed.status, observed.headers.get('x-hokusai-would-refuse')], [400, reason]);
      assert.equal((await ask({ key })).status, status, reason);
    }
    assert.equal((await ask(good)).status, 400);
  });
});
