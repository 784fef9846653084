/** Usage, from calls of the stock MLflow client through the running stack to what the command and the API show. */
import assert from 'node:assert/strict';
import { eventually } from '@hokusai/testing';
import { hokusai, hokusaiOnTerminal } from '../../packages/cli/test/support/command.ts';
import { runClient } from './support/client.ts';
import { type CreatedKey, call, createKey } from './support/rest.ts';
import { type Stack, sharedStack } from './support/stack.ts';

const SEARCH = '/api/2.0/mlflow/experiments/search';
const CREATE = '/api/2.0/mlflow/experiments/create';

interface Totals {
  requests: number;
  refused: Record<string, number>;
}

describe('usage, on the running stack,', function () {
  this.timeout(180_000);
  let stack: Stack;
  /** A data scientist's, with which MLflow's client has made a call, and tried one more. */
  let key: CreatedKey;
  let asAdmin: Record<string, string>;

  before(async function () {
    this.timeout(300_000);
    stack = await sharedStack();
    asAdmin = { HOKUSAI_API_URL: stack.gatewayUrl, HOKUSAI_API_KEY: stack.adminKey };
    key = await createKey(stack.gatewayUrl, stack.adminKey, { name: 'used', scopes: ['mlflow:read'] });
    const run = {
      python: stack.python,
      trackingUri: `${stack.gatewayUrl}/mlflow`,
      credentials: { token: key.key },
    };
    assert.equal(await runClient(run, 'refusal.py', 'search'), 'not refused');
    assert.match(await runClient(run, 'refusal.py', 'create', 'refused'), /PERMISSION_DENIED/);
  });

  async function run(args: readonly string[], env = asAdmin): Promise<string> {
    const { code, stdout, stderr } = await hokusai(['usage', ...args], { env });
    assert.equal(code, 0, `${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  const ofKey = () => ['--key', key.id];
  const read = async <Answer>(args: readonly string[], env = asAdmin) =>
    JSON.parse(await run([...args, '--json'], env)) as Answer;

  it('shows what the MLflow client did in a summary, refusals among it', async () => {
    await eventually(async () => {
      const { requests, refused } = await read<Totals>(['summary', ...ofKey()]);
      assert.deepEqual([requests, refused], [2, { scope_missing: 1 }]);
    });
    const text = await run(['summary', ...ofKey()]);
    assert.match(
      text,
      /\nRequests +2\nErrors +0\nStatus +2xx 1, 4xx 1\nRefused +1 scope_missing\nLatency +p50 /,
    );
    assert.match(text, /Bytes out +\d/);
  });

  it('shows which endpoints they were, and from where', async () => {
    const endpoints = await read<{ data: { value: string; requests: number }[] }>([
      ...['top', '--by', 'endpoint'],
      ...ofKey(),
    ]);
    assert.deepEqual(endpoints.data.map(({ value, requests }) => [value, requests]).toSorted(), [
      [CREATE, 1],
      [SEARCH, 1],
    ]);
    const [address] = (await read<typeof endpoints>(['top', '--by', 'address', ...ofKey()])).data;
    assert.deepEqual([address?.value, address?.requests], [stack.clientAddress, 2]);
    const slowest = await run(['top', '--slowest', ...ofKey()]);
    assert.ok(slowest.includes(SEARCH), slowest);
    assert.equal((await read<Totals>(['summary', ...ofKey(), '--endpoint', SEARCH])).requests, 1);
  });

  it('names the key in the ranking of all', async () => {
    const ranking = await read<{ data: { value: string; label: string | null }[] }>(['top', ...ofKey()]);
    const entry = ranking.data.find(({ value }) => value === key.id);
    assert.ok(entry?.label?.includes(key.key_prefix) && entry.label.includes('used'), JSON.stringify(entry));
  });

  for (const every of ['minute', 'hour', 'day'])
    it(`adds up each ${every} to the same`, async () => {
      const args = ['summary', '--every', every, '--time-zone', 'Asia/Kolkata', ...ofKey()];
      const { data } = await read<{ data: Totals[] }>(args);
      assert.equal(
        data.reduce((sum, { requests }) => sum + requests, 0),
        2,
      );
      const [header, ...lines] = (await run([...args, '--csv'])).trimEnd().split('\r\n');
      assert.match(header ?? '', /^start,requests,errors,/);
      assert.ok(Math.abs(lines.length - data.length) <= 1);
    });

  it('shows a member their own only, and nobody without usage:read', async () => {
    const { body: user } = await call(stack.gatewayUrl, stack.adminKey, 'POST', '/api/v1/users', {
      display_name: 'Member of usage',
    });
    const scopes = ['usage:read'];
    const fields = { name: 'own', scopes, user_id: user['id'] };
    const own = await createKey(stack.gatewayUrl, stack.adminKey, fields);
    const asMember = { ...asAdmin, HOKUSAI_API_KEY: own.key };
    assert.equal((await read<Totals>(['summary', ...ofKey()], asMember)).requests, 0);
    await eventually(async () => {
      const { data } = await read<{ data: { value: string }[] }>(['top'], asMember);
      assert.deepEqual(
        data.map(({ value }) => value),
        [own.id],
      );
    });
    const { code } = await hokusai(['usage', 'integrity'], { env: asMember });
    assert.equal(code, 5);
    const withoutScope = await hokusai(['usage', 'summary'], {
      env: { ...asAdmin, HOKUSAI_API_KEY: key.key },
    });
    assert.equal(withoutScope.code, 5);
    assert.match(withoutScope.stderr, /usage:read/);
  });

  it('lists keys that nobody used, and none that is new', async () => {
    const { data } = await read<{ data: { key_id: string }[] }>(['unused', '--days', '1']);
    assert.ok(!data.some(({ key_id: id }) => id === key.id));
  });

  it('accounts for everything, in time', async () => {
    await eventually(async () => {
      const { complete, incarnations } = await read<{
        complete: boolean;
        incarnations: { assigned: number; received: number; stored: number; rolled_up: number }[];
      }>(['integrity']);
      assert.equal(complete, true);
      assert.ok(incarnations.length >= 1);
      for (const { assigned, received, stored } of incarnations)
        assert.deepEqual([received, stored], [assigned, assigned]);
    });
    await run(['integrity', '--check']);
  });

  it('is watched on a terminal', async () => {
    const terminal = hokusaiOnTerminal(['usage', 'watch', '--interval', '1s', '--key', key.id], {
      env: { ...asAdmin, LANG: 'C.UTF-8' },
    });
    await terminal.shows('Requests each minute');
    await terminal.shows(key.id);
    terminal.type('\u0003');
    assert.equal(await terminal.ended, 130);
  });

  it('says of a period that can not be which can', async () => {
    const { code, stderr } = await hokusai(['usage', 'summary', '--every', 'minute', '--from', '3650d'], {
      env: asAdmin,
    });
    assert.equal(code, 8);
    assert.match(stderr, /minute for at most 2 days/);
  });
});
