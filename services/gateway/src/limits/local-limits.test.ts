import assert from 'node:assert/strict';
import { testKey } from '../../test/support/key.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { HOUR } from '../domain/sliding-window.ts';
import { LocalLimits } from './local-limits.ts';
import { KeyRecord } from './records.ts';

describe('limits without Redis', () => {
  const limits = { ratePerHour: 100, burst: 1000, burstWindowSeconds: 1 };
  const rateLimitPerHour = 150;
  let clock: ManualClock;
  let local: LocalLimits;
  let one: KeyRecord;
  let other: KeyRecord;

  beforeEach(() => {
    clock = new ManualClock();
    local = new LocalLimits({ policy: 'local-share', self: 'a', gateways: () => ['a'], clock });
    const { state } = testKey({ limits }).authenticated;
    const owner = { ...state.owner, rateLimitPerHour };
    const record = { share: undefined };
    one = new KeyRecord({ ...state, owner }, record);
    other = new KeyRecord({ ...state, keyId: crypto.randomUUID(), owner }, record);
  });

  const admitted = (record: KeyRecord, outage: number, count: number) =>
    local.decide(record, outage, count).admitted;

  it('admit no more where outages follow each other than in one, of a key and of its owner', () => {
    assert.equal(admitted(one, 1, 70), 70);
    assert.equal(admitted(one, 2, 70), 30);
    assert.equal(admitted(one, 3, 70), 0);
    assert.equal(admitted(other, 4, 100), 50);
    assert.equal(admitted(other, 5, 100), 0);
  });

  it('admit anew what has left the window', () => {
    assert.equal(admitted(one, 1, 100), 100);
    clock.advance(HOUR.slots * HOUR.widthMs);
    assert.equal(admitted(one, 2, 200), 100);
  });

  it('begin with what Redis said last, where that is less', () => {
    assert.equal(admitted(one, 1, 20), 20);
    const heardAtMs = clock.monotonic();
    const resets = { hourResetAtMs: 0, burstResetAtMs: 0, userResetAtMs: 0 };
    one.reading = { atMs: clock.now(), heardAtMs, hourUsed: 95, burstUsed: 0, userUsed: 95, ...resets };
    assert.equal(admitted(one, 2, 70), 5);
    assert.equal(admitted(one, 3, 70), 0);
  });

  it('set nothing aside for what Redis has forgotten since', () => {
    const at = () => ({ atMs: clock.now(), heardAtMs: clock.monotonic() });
    const others = { burstUsed: 0, hourResetAtMs: 0, burstResetAtMs: 0, userResetAtMs: 0 };
    one.reading = { ...at(), hourUsed: 99, userUsed: 99, ...others };
    assert.equal(admitted(one, 1, 70), 1);
    clock.advance(60_000);
    one.reading = { ...at(), hourUsed: 1, userUsed: 1, ...others };
    assert.equal(admitted(one, 2, 200), 99);
  });

  it('are owed for as long as they are not charged, nor have left the window', () => {
    local.decide(one, 1, 3);
    local.decide(other, 1, 2);
    local.settle(one, 2, 2);
    assert.deepEqual([...local.indebted], [one, other]);
    assert.equal(local.owed(one).hour, 1);
    local.settle(one, 1, 1);
    assert.deepEqual([...local.indebted], [other]);
    clock.advance(HOUR.slots * HOUR.widthMs);
    local.settle(other, 0, 0);
    assert.equal(local.indebted.size, 0);
  });
});
