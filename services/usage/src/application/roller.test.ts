import assert from 'node:assert/strict';
import type { RollupStore } from '../domain/ports.ts';
import { createRoller } from './roller.ts';

describe('the roller', () => {
  /** A store with minutes to roll up, each of which takes so long; too many at once fail. */
  function fakeStore(minutes: number, pace: { minuteMs: number; failsAbove: number }) {
    let nowMs = 0;
    const marked = Array.from({ length: minutes }, (_, index) => new Date(index * 60_000));
    let claimed: Date[] = [];
    const steps: number[] = [];
    const store: RollupStore = {
      claimMinutes: (_, limit) => {
        claimed.push(...marked.splice(0, Math.max(limit - claimed.length, 0)));
        return Promise.resolve([...claimed]);
      },
      rollMinutes: (some) => {
        if (some.length > pace.failsAbove) return Promise.reject(new Error('took too long'));
        nowMs += some.length * pace.minuteMs;
        steps.push(some.length);
        claimed = claimed.filter((minute) => !some.includes(minute));
        return Promise.resolve();
      },
      rollStale: () => Promise.resolve(0),
      markDay: () => Promise.resolve(true),
    };
    const clock = { now: () => nowMs, monotonic: () => nowMs };
    const turn = createRoller({ clock, asLeader: (work) => work(store) });
    return { turn, steps, left: () => marked.length + claimed.length };
  }

  it('takes larger steps while they are quick, and smaller ones when they are not', async () => {
    const pace = { minuteMs: 100, failsAbove: 1000 };
    const { turn, steps } = fakeStore(200, pace);
    while (steps.length < 6) await turn();
    assert.deepEqual(steps, [1, 2, 4, 8, 16, 16]);
    pace.minuteMs = 1000;
    while (steps.length < 10) await turn();
    assert.deepEqual(steps.slice(6), [16, 8, 4, 4]);
  });

  it('gets through with what failed as too much at once', async () => {
    const { turn, steps, left } = fakeStore(300, { minuteMs: 1, failsAbove: 12 });
    let failures = 0;
    const attempt = () =>
      turn().catch(() => {
        failures++;
        return true;
      });
    while (await attempt());
    assert.equal(left(), 0);
    assert.ok(failures > 0 && Math.max(...steps) <= 12);
  });
});
