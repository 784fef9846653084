/** Revocations that wait, with a gateway and the keys service as processes: what the receipt says holds. */
import assert from 'node:assert/strict';
import { hostname } from 'node:os';
import { type RealApi, startRealApi } from '../support/real-api.ts';

interface Json {
  id: string;
  key: string;
  error_code: string;
  message: string;
  revoked_count: number;
  receipt: Receipt;
}
interface Receipt {
  committed_at: string;
  effective_no_later_than: string;
  complete: boolean;
  gateways: { gateway: string; status: string; lag_ms: number | null; fenced_by: string | null }[];
}

describe('the receipt of a revocation', function () {
  this.timeout(60_000);
  let api: RealApi;

  before(async () => {
    api = await startRealApi();
  });
  after(() => api?.close());

  async function ask(method: string, path: string, key: string, body?: object) {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const sent = body ? { body: JSON.stringify(body) } : {};
    const response = await fetch(`${api.url}/api/v1/auth/${path}`, { method, headers, ...sent });
    return { status: response.status, json: (await response.json()) as Json };
  }

  it('says that the gateway has applied it, and from then on the gateway refuses the key', async () => {
    const lags: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const { json: victim } = await ask('POST', 'keys', api.adminKey, { name: 'doomed' });
      assert.equal((await ask('GET', 'whoami', victim.key)).status, 200);
      const { status, json } = await ask('DELETE', `keys/${victim.id}?wait=true`, api.adminKey);
      const refused = await ask('GET', 'whoami', victim.key);
      assert.deepEqual([status, json.revoked_count, json.receipt.complete], [200, 1, true]);
      const [gateway, ...others] = json.receipt.gateways;
      assert.deepEqual(others, []);
      assert.ok(gateway);
      assert.deepEqual(
        [gateway.gateway, gateway.status, gateway.fenced_by],
        [`${hostname()}:${api.port}`, 'acknowledged', null],
      );
      lags.push(gateway.lag_ms ?? Number.NaN);
      assert.equal(refused.status, 403);
      assert.match(refused.json.message, /revoked/);
      assert.ok(json.receipt.effective_no_later_than >= json.receipt.committed_at);
    }
    assert.ok(
      lags.every((lagMs) => lagMs > 0 && lagMs < 10_000),
      lags.join(' '),
    );
  });

  it('is given for a revoked key too', async () => {
    const { json: victim } = await ask('POST', 'keys', api.adminKey, { name: 'doomed' });
    await ask('DELETE', `keys/${victim.id}?wait=true`, api.adminKey);
    const { json } = await ask('DELETE', `keys/${victim.id}?wait=true`, api.adminKey);
    assert.equal(json.revoked_count, 0);
    assert.deepEqual(
      json.receipt.gateways.map(({ status, lag_ms }) => [status, lag_ms]),
      [['acknowledged', null]],
    );
  });
});
