/** Limits from their creation to their refusals: a gateway and the keys service as processes, and a real Redis. */
import assert from 'node:assert/strict';
import { eventually } from '@hokusai/testing';
import { type RealApi, startRealApi } from '../support/real-api.ts';

describe('limits of a running system', () => {
  let api: RealApi;

  before(async function () {
    this.timeout(120_000);
    api = await startRealApi();
  });

  after(() => api.close());

  async function ask(key: string, method: string, path: string, body?: object) {
    const response = await fetch(api.url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { response, json: (await response.json()) as Record<string, string> };
  }

  it('hold a key to what it was given, and let go when that is raised', async () => {
    const created = await ask(api.adminKey, 'POST', '/api/v1/auth/keys', {
      name: 'limited',
      rate_limit_per_hour: 2,
    });
    const { id = '', key = '', key_prefix: prefix = '' } = created.json;
    const statusOf = async () => (await ask(key, 'POST', '/api/v1/auth/sign-in')).response.status;
    assert.deepEqual([await statusOf(), await statusOf(), await statusOf()], [200, 200, 429]);
    const { response, json } = await ask(key, 'POST', '/api/v1/auth/sign-in');
    assert.equal(response.headers.get('x-ratelimit-limit'), '2');
    assert.ok(json['message']?.includes(prefix) && !json['message'].includes(key));

    const raised = await ask(api.adminKey, 'PATCH', `/api/v1/auth/keys/${id}`, { rate_limit_per_hour: 3 });
    assert.equal(raised.response.status, 200);
    await eventually(async () => assert.equal(await statusOf(), 200));
    assert.equal(await statusOf(), 429);
  });
});
