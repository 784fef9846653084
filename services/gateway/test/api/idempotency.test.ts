/** Repeated requests: what lets the keys service recognise them. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { HokusaiError } from '@hokusai/contracts';
import { reasonOf, startApi, type TestApi } from '../support/api.ts';
import { type TestKey, testKey } from '../support/key.ts';
import { PLAINTEXT, stored, storedUser } from '../support/stored.ts';

const KEYS = '/api/v1/auth/keys';

describe('the management API: Idempotency-Key', () => {
  let api: TestApi;
  let key: TestKey;

  before(async () => {
    api = await startApi();
    const { owner } = api.gateway.key.authenticated.state;
    key = api.gateway.add(testKey({ scopes: ['admin'], owner: { ...owner, role: 'admin' } }));
  });
  beforeEach(() => {
    api.calls.length = 0;
    api.answer = () => ({ key: stored, user: storedUser, plaintext: PLAINTEXT });
  });
  after(() => api.close());

  /** What the keys service was told of a POST's repetition. */
  async function repetition(path: string, body: object, idempotencyKey = 'once') {
    const headers = { 'idempotency-key': idempotencyKey };
    const { status } = await api.ask('POST', path, { key, body, headers });
    assert.ok(status < 300, String(status));
    return api.calls.at(-1)?.request['idempotency'] as { key: string; fingerprint: Buffer };
  }

  it('goes with each POST, and with a digest of what is asked for', async () => {
    const [first, second] = [randomUUID(), randomUUID()];
    const digests = new Set<string>();
    for (const [path, body] of [
      [KEYS, { name: 'a' }],
      [KEYS, { name: 'b' }],
      [`${KEYS}/${first}/rotate`, {}],
      [`${KEYS}/${second}/rotate`, {}],
      [`${KEYS}/${first}/rotate`, { grace_period_seconds: 1 }],
      ['/api/v1/users', { display_name: 'a' }],
    ] as const) {
      const told = await repetition(path, body);
      assert.equal(told.key, 'once');
      assert.equal(told.fingerprint.length, 32);
      assert.deepEqual(await repetition(path, body), told);
      digests.add(told.fingerprint.toString('hex'));
    }
    assert.equal(digests.size, 6);
    assert.deepEqual(
      await repetition(`${KEYS}/${first.toUpperCase()}/rotate`, {}),
      await repetition(`${KEYS}/${first}/rotate`, {}),
    );
    await api.ask('POST', KEYS, { body: { name: 'a' } });
    assert.equal(api.calls.at(-1)?.request['idempotency'], null);
  });

  it('has 1 to 255 visible characters', async () => {
    for (const good of ['x', '~'.repeat(255), '"quoted"'])
      assert.equal((await repetition(KEYS, { name: 'x' }, good)).key, good);
    api.calls.length = 0;
    for (const bad of ['', 'a b', 'a\tb', 'é', 'x'.repeat(256), 'one, two']) {
      const headers = { 'idempotency-key': bad };
      const refused = await api.ask('POST', KEYS, { body: { name: 'x' }, headers });
      assert.equal(refused.status, 400, bad);
      assert.equal(reasonOf(refused), 'invalid_idempotency_key');
    }
    assert.deepEqual(api.calls, []);
  });

  it('answers 409 and when to try again while the first request runs', async () => {
    api.answer = () => {
      throw new HokusaiError('conflict', 'Still running.', { reason: 'still_running', retryAfterSeconds: 1 });
    };
    const headers = { 'idempotency-key': 'once' };
    const refused = await api.ask('POST', KEYS, { body: { name: 'x' }, headers });
    assert.equal(refused.status, 409);
    assert.equal(refused.headers.get('retry-after'), '1');
  });
});
