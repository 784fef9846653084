import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { ManualTime } from '../../test/support/manual-time.ts';
import { StrangerPace } from './stranger-pace.ts';
import type { Stranger } from './stranger-queue.ts';

describe('StrangerPace', () => {
  function start() {
    const time = new ManualTime();
    const pace = new StrangerPace({
      ...{ perSecond: 100, burst: 10, maxWaiting: 50 },
      clock: time,
      after: (delayMs, task) => time.after(delayMs, task),
    });
    /** Whose answers were given, in order. */
    const answered: string[] = [];
    const connection = () => new Socket();
    const ask = (clientIp = '192.0.2.1', socket = connection(), name = clientIp) => {
      const stranger: Stranger = { client: { clientIp }, incoming: { socket }, work: undefined };
      pace.take(stranger, () => answered.push(name));
      return stranger;
    };
    const many = (count: number, ...of: Parameters<typeof ask>) =>
      Array.from({ length: count }, () => ask(...of));
    const cut = (strangers: Stranger[]) =>
      strangers.filter(({ incoming }) => incoming.socket.destroyed).length;
    return { time, answered, connection, many, cut };
  }

  it('answers at once what a mistake may bring', () => {
    const { answered, many, time } = start();
    many(10);
    assert.equal(answered.length, 10);
    assert.equal(time.pending, 0);
  });

  it('answers a flood at its own rate, and is quiet afterwards', async () => {
    const { answered, many, cut, time } = start();
    const all = many(40);
    assert.equal(answered.length, 10);
    await time.advance(100);
    assert.equal(answered.length, 20);
    await time.advance(1000);
    assert.deepEqual([answered.length, cut(all), time.pending], [40, 0, 0]);
  });

  it('lets so many wait, and cuts off the rest', async () => {
    const { answered, many, cut, time } = start();
    const all = many(100);
    assert.deepEqual([answered.length, cut(all), cut(all.slice(0, 60))], [10, 40, 0]);
    await time.advance(10_000);
    assert.equal(answered.length, 60);
  });

  it('spends nothing on those who have left, and gives their place to others', async () => {
    const { answered, many, cut, time } = start();
    const all = many(60);
    for (const one of all.slice(10, 55)) one.work?.stop();
    all.push(...many(45));
    assert.deepEqual([answered.length, cut(all)], [10, 0]);
    await time.advance(50);
    assert.equal(answered.length, 15);
    await time.advance(1000);
    assert.equal(answered.length, 60);
  });

  it('saves up no more in a quiet time', async () => {
    const { answered, many, time } = start();
    await time.advance(60_000);
    many(20);
    assert.equal(answered.length, 10);
  });

  it('lets nobody come before those who wait', async () => {
    const { answered, many, time } = start();
    many(10);
    await time.advance(5);
    many(1, '192.0.2.2');
    // There may be an answer by now, but whoever waits gets it at the next look only.
    await time.advance(7);
    many(1, '192.0.2.3');
    await time.advance(1000);
    assert.deepEqual(answered.slice(10), ['192.0.2.2', '192.0.2.3']);
  });

  it('goes on with the other networks when nobody of the first one is left', async () => {
    const { answered, many, time } = start();
    many(10);
    const [leaving] = many(1, '192.0.2.2');
    many(1, '192.0.2.3');
    leaving?.work?.stop();
    await time.advance(1000);
    assert.deepEqual(answered.slice(10), ['192.0.2.3']);
  });

  it('lets networks take turns, and in each its connections, whose answers keep their order', async () => {
    const { answered, connection, many, time } = start();
    many(10);
    const [busy, other] = [connection(), connection()];
    for (const number of [1, 2, 3]) many(1, '2001:db8::1', busy, `busy ${number}`);
    many(1, '2001:db8::2', other, 'of the same network');
    many(1, '2001:db8:1::1', connection(), 'of another');
    await time.advance(1000);
    const expected = ['busy 1', 'of another', 'of the same network', 'busy 2', 'busy 3'];
    assert.deepEqual(answered.slice(10), expected);
  });

  it('cuts off where most waits: the connection, of the network, that has most', async () => {
    const { answered, connection, many, cut, time } = start();
    many(10);
    const greedy = many(10, '192.0.2.1', connection());
    const neighbours = many(15, '192.0.2.1');
    const others = many(24, '192.0.2.2', connection());
    const [last, one] = [...many(1, '192.0.2.3'), ...many(1, '192.0.2.4')];
    assert.deepEqual([cut(greedy), cut(neighbours), cut(others)], [10, 0, 0]);
    assert.ok(last && one && cut([last, one]) === 0);
    // What was read of it before.
    many(5, '192.0.2.1', greedy[0]?.incoming.socket);
    await time.advance(1000);
    assert.deepEqual(answered.length, 10 + 15 + 24 + 2);
  });
});
