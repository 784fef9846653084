import assert from 'node:assert/strict';
import type { JsMsg } from '@nats-io/jetstream';
import { ConsumerStats } from './consumer-stats.ts';

const START_MS = 1_000_000;
const DELAY_MS = 1000;

describe('ConsumerStats', () => {
  let nowMs: number;
  let stats: ConsumerStats;
  beforeEach(() => {
    nowMs = START_MS;
    stats = new ConsumerStats(() => nowMs);
  });

  const sentAt = (ms: number) => ({ time: new Date(ms), info: { pending: 0 } }) as JsMsg;
  const fail = (message: JsMsg) => {
    const settled = stats.begin([message]);
    stats.failed([message], DELAY_MS);
    settled();
  };

  it('tells the age of the oldest message in hand', () => {
    const settle = [stats.begin([sentAt(START_MS - 300)]), stats.begin([sentAt(START_MS - 200)])];
    assert.equal(stats.lagMs(), 300);
    settle[0]?.();
    assert.equal(stats.lagMs(), 200);
    settle[1]?.();
    assert.equal(stats.lagMs(), 0);
  });

  it('counts what waits to be tried again, also while others are stored', () => {
    fail(sentAt(START_MS));
    nowMs += DELAY_MS;
    stats.succeeded(1);
    assert.equal(stats.lagMs(), DELAY_MS);
  });

  it('grows through an outage in which each attempt fails', () => {
    for (let attempt = 1; attempt <= 60; attempt += 1) {
      fail(sentAt(START_MS));
      nowMs += DELAY_MS;
      assert.equal(stats.lagMs(), attempt * DELAY_MS);
    }
  });

  it('forgets what did not come back: another replica has stored it, or it was given up', () => {
    fail(sentAt(START_MS));
    nowMs += 60_000;
    assert.equal(stats.lagMs(), 0);
  });
});
