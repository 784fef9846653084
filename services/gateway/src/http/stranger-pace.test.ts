import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import { ManualTime } from '../../test/support/manual-time.ts';
import { StrangerPace } from './stranger-pace.ts';

describe('StrangerPace', () => {
  function start() {
    const time = new ManualTime();
    const pace = new StrangerPace({
      ...{ perSecond: 100, burst: 10, maxWaiting: 50 },
      clock: time,
      after: (delayMs, task) => time.after(delayMs, task),
    });
    const counts = { answered: 0, cut: 0 };
    const stranger = () => {
      const socket = {
        destroy: () => {
          counts.cut += 1;
        },
      };
      const incoming = { socket } as unknown as IncomingMessage;
      const exchange = { hasLeft: false, incoming } as Parameters<StrangerPace['take']>[0] & {
        hasLeft: boolean;
      };
      pace.take(exchange, () => {
        counts.answered += 1;
      });
      return exchange;
    };
    return { time, counts, stranger };
  }

  it('answers at once what a mistake may bring', () => {
    const { counts, stranger, time } = start();
    for (let count = 0; count < 10; count++) stranger();
    assert.equal(counts.answered, 10);
    assert.equal(time.pending, 0);
  });

  it('answers a flood at its own rate, in order, and is quiet afterwards', async () => {
    const { counts, stranger, time } = start();
    for (let count = 0; count < 40; count++) stranger();
    assert.equal(counts.answered, 10);
    await time.advance(100);
    assert.equal(counts.answered, 20);
    await time.advance(1000);
    assert.deepEqual(counts, { answered: 40, cut: 0 });
    assert.equal(time.pending, 0);
  });

  it('lets so many wait, and cuts off the rest', async () => {
    const { counts, stranger, time } = start();
    for (let count = 0; count < 100; count++) stranger();
    assert.deepEqual(counts, { answered: 10, cut: 40 });
    await time.advance(10_000);
    assert.deepEqual(counts, { answered: 60, cut: 40 });
  });

  it('spends nothing on those who have left, and gives their place to others', async () => {
    const { counts, stranger, time } = start();
    const all = Array.from({ length: 60 }, stranger);
    for (const one of all.slice(10, 55)) one.hasLeft = true;
    for (let count = 0; count < 45; count++) stranger();
    assert.deepEqual(counts, { answered: 10, cut: 0 });
    await time.advance(50);
    assert.equal(counts.answered, 15);
    await time.advance(1000);
    assert.equal(counts.answered, 60);
  });
});
