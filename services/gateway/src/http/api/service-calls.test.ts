import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts';
import { type KeyManagementClient, serviceCalls } from './service-calls.ts';

describe('calls of the keys service', () => {
  const failing = (error: HokusaiError) =>
    serviceCalls({ call: () => Promise.reject(error) } as unknown as KeyManagementClient);
  const late = failing(new HokusaiError('deadline_exceeded', 'Too late.'));

  async function failureOf(call: Promise<unknown>): Promise<HokusaiError> {
    const error = await call.then(
      () => assert.fail('was answered'),
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof HokusaiError);
    return error;
  }

  it('that are not answered in time may be repeated with the Idempotency-Key that they had', async () => {
    const idempotency = { key: 'a', fingerprint: Buffer.alloc(32) };
    const { code, message, retryAfterSeconds } = await failureOf(late('CreateKey', { idempotency }));
    assert.deepEqual([code, retryAfterSeconds], ['unavailable', 5]);
    assert.match(message, /repeat it with the same Idempotency-Key, or look whether it was\.$/);
  });

  it('are not to be repeated with one that they had not, or can not have', async () => {
    for (const call of [
      late('CreateKey', { idempotency: null }),
      late('RevokeKey', {}),
      late('UpdateKey', {}),
    ])
      assert.match((await failureOf(call)).message, /: look whether it was before you repeat it\.$/);
  });

  it('say when to try again where the service is away, and nothing else of what it says itself', async () => {
    const away = await failureOf(failing(new HokusaiError('unavailable', 'Away.'))('ListKeys', {}));
    assert.deepEqual([away.message, away.reason, away.retryAfterSeconds], ['Away.', 'keys_unavailable', 5]);
    const own = new HokusaiError('conflict', 'Taken.', { reason: 'concurrent_change' });
    assert.equal(await failureOf(failing(own)('UpdateKey', {})), own);
  });
});
