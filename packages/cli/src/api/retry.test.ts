import assert from 'node:assert/strict';
import { type Outcome, repeatAfterMs } from './retry.ts';

const answered = (status: number, retryAfterSeconds?: number, type?: string): Outcome => ({
  kind: 'answered',
  status,
  retryAfterSeconds,
  type,
});
const STILL_RUNNING = answered(409, undefined, 'urn:hokusai:error:still_running');

describe('a request is sent again', () => {
  it('a few times where the connection broke off', () => {
    const waits = [0, 1, 2, 3].map((repetitions) => repeatAfterMs({ kind: 'dropped' }, repetitions, 0));
    assert.deepEqual(waits, [200, 1000, 3000, undefined]);
  });

  it('when the gateway says so, if that is soon', () => {
    assert.equal(repeatAfterMs(answered(503, 5), 0, 0), 5000);
    assert.equal(repeatAfterMs(answered(503, 31), 0, 0), undefined);
    assert.equal(repeatAfterMs(answered(503), 0, 0), undefined);
  });

  it('while its own first attempt is running, but not while a stranger has its key', () => {
    assert.equal(repeatAfterMs(STILL_RUNNING, 1, 200), 1000);
    assert.equal(repeatAfterMs(STILL_RUNNING, 0, 0), undefined);
  });

  it('within bounds', () => {
    assert.equal(repeatAfterMs(answered(503, 0), 5, 0), undefined);
    assert.equal(repeatAfterMs(answered(503, 30), 2, 60_000), undefined);
  });

  it('for nothing else', () => {
    for (const status of [200, 400, 401, 403, 404, 409, 422, 429, 500, 502, 504]) {
      assert.equal(repeatAfterMs(answered(status, 1), 1, 0), undefined);
    }
  });
});
