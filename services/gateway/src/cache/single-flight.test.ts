import assert from 'node:assert/strict';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { SingleFlight } from './single-flight.ts';

describe('SingleFlight', () => {
  it('asks once for all who ask while the question is on its way', async () => {
    const flights = new SingleFlight<number>(new ManualClock());
    const { promise, resolve } = Promise.withResolvers<number>();
    let asked = 0;
    const put = () => {
      asked += 1;
      return promise;
    };
    const answers = Array.from({ length: 1000 }, () => flights.ask('key', put));
    resolve(7);
    const values = (await Promise.all(answers)).map(({ value }) => value);
    assert.deepEqual(new Set(values), new Set([7]));
    assert.equal(asked, 1);
  });

  it('asks anew once the answer is there, and apart for other names', async () => {
    const flights = new SingleFlight<number>(new ManualClock());
    let asked = 0;
    const put = () => {
      asked += 1;
      return Promise.resolve(asked);
    };
    await Promise.all([flights.ask('a', put), flights.ask('b', put)]);
    await flights.ask('a', put);
    assert.equal(asked, 3);
  });

  it('asks anew after a failure, of which all learn who joined', async () => {
    const flights = new SingleFlight<number>(new ManualClock());
    const failing = () => Promise.reject(new Error('away'));
    const both = await Promise.allSettled([flights.ask('a', failing), flights.ask('a', failing)]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    const answer = await flights.ask('a', () => Promise.resolve(1));
    assert.equal(answer.value, 1);
  });

  it('tells questions that were put before an arrival from later ones', async () => {
    const clock = new ManualClock();
    const flights = new SingleFlight<number>(clock);
    const before = flights.arrive();
    const running = flights.ask('a', () => Promise.resolve(1));
    const after = flights.arrive();
    clock.advance(5);
    const { order, askedAt } = await running;
    assert.ok(before < order && order < after);
    assert.equal(clock.now() - askedAt.wallMs, 5);
  });
});
