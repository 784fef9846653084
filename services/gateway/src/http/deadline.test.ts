import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Deadline } from './deadline.ts';

describe('Deadline', () => {
  let expired: string[];
  const start = (name: string, timeoutMs: number) => {
    const deadline = new Deadline();
    deadline.start(timeoutMs, () => expired.push(name));
    return deadline;
  };

  beforeEach(() => {
    expired = [];
    mock.timers.enable({ apis: ['setInterval'] });
  });
  afterEach(() => {
    // Nothing may be left running, or the next test would have no ticks.
    mock.timers.tick(1_000_000);
    mock.timers.reset();
  });

  it('ends each in its time, not before it and two ticks after it at most', () => {
    start('second', 2000);
    start('first', 1000);
    mock.timers.tick(1000);
    assert.deepEqual(expired, []);
    mock.timers.tick(100);
    assert.deepEqual(expired, ['first']);
    mock.timers.tick(1000);
    assert.deepEqual(expired, ['first', 'second']);
  });

  it('goes on for as long as it is put off, and ends once', () => {
    const deadline = start('it', 1000);
    for (let times = 0; times < 5; times++) {
      mock.timers.tick(900);
      deadline.putOff();
    }
    assert.deepEqual(expired, []);
    mock.timers.tick(5000);
    assert.deepEqual(expired, ['it']);
  });

  it('is replaced by the next one, and can begin again', () => {
    const deadline = start('former', 1000);
    deadline.start(3000, () => expired.push('latter'));
    mock.timers.tick(2000);
    assert.deepEqual(expired, []);
    mock.timers.tick(2000);
    deadline.start(1000, () => expired.push('again'));
    mock.timers.tick(2000);
    assert.deepEqual(expired, ['latter', 'again']);
  });

  it('does not end once it is cleared, whoever else comes or goes', () => {
    const all = ['a', 'b', 'c', 'd'].map((name) => start(name, 1000));
    all[1]?.clear();
    all[3]?.clear();
    all[3]?.clear();
    start('e', 1000);
    mock.timers.tick(2000);
    assert.deepEqual(expired.toSorted(), ['a', 'c', 'e']);
  });

  it('does not end if another that ends at the same time clears it', () => {
    const pair = [new Deadline(), new Deadline()];
    for (const [index, deadline] of pair.entries())
      deadline.start(1000, () => {
        expired.push('one');
        pair[1 - index]?.clear();
      });
    mock.timers.tick(2000);
    assert.deepEqual(expired, ['one']);
  });
});
