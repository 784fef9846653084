/** `hokusai auth observe-report`: whom gateways would refuse. */
import assert from 'node:assert/strict';
import { hokusai } from './support/command.ts';
import { answer, type FakeGateway, startFakeGateway } from './support/fake-gateway.ts';
import { CALLER_KEY } from './support/samples.ts';

const CLIENT = {
  reason: 'key_missing',
  client_ip: '198.51.100.7',
  user_agent_family: 'mlflow-python-client',
  key_prefix: null,
  key_name: null,
  requests: 1520,
  first_minute: '2026-01-01T10:00:00.000Z',
  last_minute: '2026-01-02T10:00:00.000Z',
};
const OTHERS = {
  ...{ ...CLIENT, client_ip: null, user_agent_family: '', reason: 'key_expired', requests: 2 },
  ...{ key_prefix: 'hk_live_4fQ0ZyB2kL9x', key_name: 'ci' },
};

describe('auth observe-report', () => {
  let gateway: FakeGateway;

  before(async () => {
    gateway = await startFakeGateway();
  });
  after(() => gateway.close());

  async function run(data: object[], ...args: string[]) {
    const period = { from: '2026-01-01T00:00:00.000Z', to: '2026-01-08T00:00:00.000Z' };
    gateway.asked.length = 0;
    gateway.reply(answer(200, { ...period, data, next_cursor: null }));
    const env = { HOKUSAI_API_URL: gateway.url, HOKUSAI_API_KEY: CALLER_KEY };
    return await hokusai(['auth', 'observe-report', ...args], { env });
  }

  it('lists clients with reasons and counts', async () => {
    const { code, stdout } = await run([CLIENT, OTHERS], '--limit', '2');
    assert.equal(code, 0);
    const lines = stdout.trimEnd().split('\n').slice(1);
    assert.match(lines[0] ?? '', /198\.51\.100\.7.*key_missing.*1,520/);
    assert.match(lines[1] ?? '', /others.*key_expired.*2.*ci/);
    const url = new URL(gateway.asked[0]?.url ?? '', gateway.url);
    assert.deepEqual([url.pathname, url.searchParams.get('limit')], ['/api/v1/usage/observed', '2']);
  });

  it('says that there is nobody, and where', async () => {
    const { code, stdout, stderr } = await run([]);
    assert.deepEqual([code, stdout], [0, '']);
    assert.match(stderr, /Nobody would have been refused\./);
  });

  it('prints the JSON of the API', async () => {
    const { stdout } = await run([CLIENT], '--json');
    assert.deepEqual(JSON.parse(stdout).data, [CLIENT]);
  });
});
