import assert from 'node:assert/strict';
import fc from 'fast-check';
import { RefusalCounts } from './refusal-counts.ts';

const NOON = Date.UTC(2025, 0, 15, 12);
const MINUTE = 60_000;

describe('RefusalCounts', () => {
  it('counts per minute, reason and address, and tells only what changed', () => {
    const counts = new RefusalCounts();
    counts.add('unknown_key', '192.0.2.1', NOON);
    counts.add('unknown_key', '192.0.2.1', NOON + 59_999);
    counts.add('no_key', '192.0.2.1', NOON);
    assert.deepEqual(counts.takeChanged().refusals, [
      { minute: '2025-01-15T12:00:00.000Z', reason: 'unknown_key', client_ip: '192.0.2.1', count: 2 },
      { minute: '2025-01-15T12:00:00.000Z', reason: 'no_key', client_ip: '192.0.2.1', count: 1 },
    ]);
    assert.deepEqual(counts.takeChanged().refusals, []);
    counts.add('no_key', '192.0.2.1', NOON);
    assert.deepEqual(
      counts.takeChanged().refusals.map(({ reason, count }) => [reason, count]),
      [['no_key', 2]],
    );
  });

  it('counts what is observed apart, by client and key too', () => {
    const counts = new RefusalCounts();
    const client = { clientIp: '192.0.2.1', userAgentFamily: 'curl', keyPrefix: null };
    counts.observe('key_missing', client, NOON);
    counts.observe('key_missing', client, NOON);
    counts.observe('key_expired', { ...client, keyPrefix: 'hk_live_a' }, NOON);
    const { refusals, observed } = counts.takeChanged();
    assert.deepEqual(refusals, []);
    assert.deepEqual(
      observed.map(({ reason, user_agent_family, key_prefix, count }) => [
        reason,
        user_agent_family,
        key_prefix,
        count,
      ]),
      [
        ['key_missing', 'curl', '', 2],
        ['key_expired', 'curl', 'hk_live_a', 1],
      ],
    );
  });

  it('takes a v6 network for one client', () => {
    const counts = new RefusalCounts();
    for (const clientIp of ['2001:db8::1', '2001:db8::2:1', '2001:db8:0:1::1'])
      counts.add('no_key', clientIp, NOON);
    assert.deepEqual(
      counts.takeChanged().refusals.map(({ client_ip, count }) => [client_ip, count]),
      [
        ['2001:db8::/64', 2],
        ['2001:db8:0:1::/64', 1],
      ],
    );
  });

  it('keeps what is not taken when its minute ends', () => {
    const counts = new RefusalCounts();
    counts.add('no_key', '192.0.2.1', NOON);
    counts.add('no_key', '192.0.2.1', NOON + MINUTE);
    assert.deepEqual(
      counts.takeChanged().refusals.map(({ minute, count }) => [minute.slice(11, 16), count]),
      [
        ['12:00', 1],
        ['12:01', 1],
      ],
    );
  });

  it('goes on with a minute when the clock is set back a little', () => {
    const counts = new RefusalCounts();
    counts.add('no_key', '192.0.2.1', NOON + MINUTE);
    counts.add('no_key', '192.0.2.1', NOON);
    assert.deepEqual(
      counts.takeChanged().refusals.map(({ minute, count }) => [minute.slice(11, 16), count]),
      [['12:01', 2]],
    );
  });

  it('stays small in a flood from many addresses, and still counts all of it', () => {
    const counts = new RefusalCounts();
    for (let host = 0; host < 50_000; host += 1)
      counts.add('no_key', `10.0.${host >> 8}.${host & 255}`, NOON);
    const taken = counts.takeChanged().refusals;
    assert.ok(taken.length <= 1001, `${taken.length} entries`);
    assert.equal(
      taken.reduce((sum, { count }) => sum + count, 0),
      50_000,
    );
    assert.ok(taken.some(({ client_ip }) => client_ip === ''));
  });

  it('adds up to what was counted for a reader who keeps the highest of each', () => {
    const step = fc.oneof(
      fc.record({ ip: fc.constantFrom('a', 'b'), reason: fc.constantFrom('x', 'y'), passMs: fc.nat(90_000) }),
      fc.constant('take' as const),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const counts = new RefusalCounts();
        const highest = new Map<string, number>();
        let nowMs = NOON;
        const take = () => {
          for (const { minute, reason, client_ip, count } of counts.takeChanged().refusals) {
            const key = `${minute} ${reason} ${client_ip}`;
            highest.set(key, Math.max(highest.get(key) ?? 0, count));
          }
        };
        for (const one of steps) {
          if (one === 'take') {
            take();
            continue;
          }
          nowMs += one.passMs;
          counts.add(one.reason, one.ip, nowMs);
        }
        take();
        const total = [...highest.values()].reduce((sum, count) => sum + count, 0);
        assert.equal(total, steps.filter((one) => one !== 'take').length);
      }),
    );
  });
});
