import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { AuthFailures } from './auth-failures.ts';

const A = '192.0.2.1';
const B = '192.0.2.2';

function newFailures(perMinute = 3) {
  const clock = new ManualClock();
  const failures = new AuthFailures({ perMinute, clock });
  const charge = (clientIp: string, times: number) => {
    for (let time = 0; time < times; time += 1) failures.charge(clientIp);
  };
  return { clock, failures, charge };
}

describe('AuthFailures', () => {
  it('lets a client fail so often, and then wait until the oldest failure is a minute old', () => {
    const { clock, failures, charge } = newFailures();
    charge(A, 1);
    clock.advance(10_000);
    charge(A, 1);
    assert.equal(failures.waitMs(A), 0);
    charge(A, 1);
    assert.equal(failures.waitMs(A), 50_000);
    assert.equal(failures.waitMs(B), 0, 'nobody waits for another');
    clock.advance(49_999);
    assert.equal(failures.waitMs(A), 1);
    clock.advance(1);
    assert.equal(failures.waitMs(A), 0);
    charge(A, 1);
    assert.equal(failures.waitMs(A), 10_000);
  });

  it('counts a v6 network as one client, and those that can not be told as one too', () => {
    const { failures, charge } = newFailures();
    for (const host of ['1', '2', 'ffff:1']) charge(`2001:db8:0:7::${host}`, 1);
    assert.ok(failures.waitMs('2001:db8:0:7::9') > 0);
    assert.equal(failures.waitMs('2001:db8:0:8::9'), 0);
    charge('unknown', 3);
    assert.ok(failures.waitMs('unknown') > 0);
    charge(`::ffff:${A}`, 3);
    assert.ok(failures.waitMs(A) > 0);
  });

  it('is not moved by the wall clock', () => {
    const { clock, failures, charge } = newFailures();
    charge(A, 3);
    clock.set(3_600_000);
    assert.equal(failures.waitMs(A), 60_000);
  });

  it('lets through just as many as allowed in any minute, whatever the times', () => {
    const gaps = fc.array(fc.integer({ min: 0, max: 40_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(gaps, fc.integer({ min: 1, max: 5 }), (gapsMs, perMinute) => {
        const { clock, failures } = newFailures(perMinute);
        const admitted: number[] = [];
        for (const gapMs of gapsMs) {
          clock.advance(gapMs);
          const nowMs = clock.monotonic();
          const inLastMinute = admitted.filter((atMs) => nowMs - atMs < 60_000).length;
          assert.equal(failures.waitMs(A) === 0, inLastMinute < perMinute);
          assert.equal(failures.left(A), perMinute - inLastMinute);
          if (inLastMinute >= perMinute) continue;
          admitted.push(nowMs);
          failures.charge(A);
        }
      }),
    );
  });

  it('remembers so many clients and no more, the latest ones', () => {
    const { failures, charge } = newFailures(1);
    charge(A, 1);
    for (let count = 0; count < 10_000; count += 1) charge(`10.0.${count >> 8}.${count & 255}`, 1);
    assert.equal(failures.waitMs(A), 0, 'forgotten');
    assert.ok(failures.waitMs('10.0.39.15') > 0);
  });

  it('says what happened, what still works, and what to do', () => {
    const { failures, charge } = newFailures();
    charge(A, 3);
    const { code, reason, retryAfterSeconds, message } = failures.refusal(A, 'hk_live_abc');
    assert.deepEqual([code, reason, retryAfterSeconds], ['rate_limited', 'auth_failures_limited', 60]);
    assert.match(message, /hk_live_abc was not checked: 3 unknown keys .* try again in 60 s/);
  });
});
