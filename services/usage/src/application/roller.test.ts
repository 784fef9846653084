import assert from 'node:assert/strict';
import type { RollupStore } from '../domain/ports.ts';
import { createRoller } from './roller.ts';

const MINUTE_MS = 60_000;

describe('the roller', () => {
  /** A store with minutes to roll up, each of which takes so long; too many at once fail, and so do broken ones. */
  function fakeStore(minutes: number, pace: { minuteMs: number; failsAbove: number; broken?: Set<number> }) {
    let nowMs = 0;
    const marked = Array.from({ length: minutes }, (_, index) => new Date(index * MINUTE_MS));
    let claimed: Date[] = [];
    const steps: number[] = [];
    const tried: number[] = [];
    const isIn = (some: readonly Date[], minute: Date) =>
      some.some((each) => each.getTime() === minute.getTime());
    const store: RollupStore = {
      due: (grain, { limit, aside }) => {
        if (grain !== 'minute') return Promise.resolve([]);
        const begun = claimed.filter((minute) => !isIn(aside, minute));
        claimed.push(...marked.splice(0, Math.max(limit - begun.length, 0)));
        return Promise.resolve([...claimed]);
      },
      roll: (_, some) => {
        tried.push(...some.map((minute) => minute.getTime() / MINUTE_MS));
        const isBroken = some.some((minute) => pace.broken?.has(minute.getTime() / MINUTE_MS));
        if (some.length > pace.failsAbove || isBroken) return Promise.reject(new Error('took too long'));
        nowMs += some.length * pace.minuteMs;
        steps.push(some.length);
        claimed = claimed.filter((minute) => !isIn(some, minute));
        return Promise.resolve();
      },
      markDay: () => Promise.resolve(true),
    };
    const clock = { now: () => nowMs, monotonic: () => nowMs };
    const turn = createRoller({ clock, asLeader: (work) => work(store) });
    const failures: string[] = [];
    /** Takes turns until there is nothing to do at once. */
    const rollAll = async () => {
      const attempt = () =>
        turn().catch((error: Error) => {
          failures.push(error.message);
          return true;
        });
      while (await attempt());
    };
    const wait = (ms: number) => {
      nowMs += ms;
    };
    return { turn, rollAll, wait, steps, tried, failures, left: () => marked.length + claimed.length };
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
    const { rollAll, steps, failures, left } = fakeStore(300, { minuteMs: 1, failsAbove: 12 });
    await rollAll();
    assert.equal(left(), 0);
    assert.ok(failures.length > 0 && Math.max(...steps) <= 12);
    assert.match(failures[0] ?? '', /^rolling up \d\d minutes at once failed$/);
  });

  it('puts aside what fails by itself, names it, and rolls up all else', async () => {
    const broken = new Set([0, 70, 71]);
    const { rollAll, left, failures } = fakeStore(300, { minuteMs: 1, failsAbove: 1000, broken });
    await rollAll();
    assert.equal(left(), 3);
    for (const time of ['00:00', '01:10', '01:11'])
      assert.ok(
        failures.includes(
          `rolling up the minute 1970-01-01T${time}:00.000Z failed: it is tried again after 1 min, others meanwhile`,
        ),
        failures.join('\n'),
      );
  });

  it('tries what it put aside again, more and more seldom, until that works', async () => {
    const broken = new Set([5]);
    const { rollAll, wait, left, tried, failures } = fakeStore(20, { minuteMs: 1, failsAbove: 1000, broken });
    await rollAll();
    const waits: number[] = [];
    for (let minute = 1; minute <= 240; minute++) {
      wait(MINUTE_MS);
      const before = tried.length;
      await rollAll();
      if (tried.length > before) waits.push(minute);
    }
    assert.deepEqual(waits, [1, 3, 7, 15, 31, 63, 123, 183]);
    broken.clear();
    wait(MINUTE_MS * 60);
    const before = failures.length;
    await rollAll();
    assert.deepEqual([left(), failures.length], [0, before]);
  });
});
