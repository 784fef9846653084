import assert from 'node:assert/strict';
import { pause, settleWithin, Wakeup } from './wakeup.ts';

const HOUR_MS = 3_600_000;

describe('Wakeup', () => {
  it('ends the wait under way', async () => {
    const wakeup = new Wakeup();
    const waiting = wakeup.wait(HOUR_MS);
    wakeup.wake();
    await waiting;
  });

  it('keeps a wake for the next wait, once', async () => {
    const wakeup = new Wakeup();
    wakeup.wake();
    wakeup.wake();
    await wakeup.wait(HOUR_MS);
    let isOver = false;
    const second = wakeup.wait(HOUR_MS).then(() => {
      isOver = true;
    });
    await new Promise(setImmediate);
    assert.equal(isOver, false);
    wakeup.wake();
    await second;
  });

  it('ends by itself after its time, and forgets a wake on request', async () => {
    const wakeup = new Wakeup();
    wakeup.wake();
    wakeup.clear();
    await wakeup.wait(1);
  });
});

describe('pause', () => {
  it('ends at an abort, also at one that came before', async () => {
    const abort = new AbortController();
    const paused = pause(HOUR_MS, abort.signal);
    abort.abort();
    await paused;
    await pause(HOUR_MS, abort.signal);
  });
});

describe('settleWithin', () => {
  it('waits for work that ends either way, and for other work no longer than its time', async () => {
    await settleWithin(Promise.resolve(), HOUR_MS);
    await settleWithin(Promise.reject(new Error('planted')), HOUR_MS);
    await settleWithin(new Promise(() => {}), 1);
  });
});
