import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { FakeTimers } from '../../test/support/fake-timers.ts';
import { silentLogger } from '../config/logger.ts';
import { AbortedError, BufferError, ConnectionLostError, InvalidRequestError } from '../errors/errors.ts';
import type { Metric } from '../model/run.ts';
import { MetricBuffer } from './metric-buffer.ts';

const metric = (step: number, key = 'loss'): Metric => ({ key, step, value: step / 10, timestamp: 1 });
const metrics = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => metric(from + at));

class Server {
  readonly requests: (readonly Metric[])[] = [];
  answer: (batch: readonly Metric[]) => Promise<void> = () => Promise.resolve();
  get steps() {
    return this.requests.flat().map(({ step }) => step);
  }
  send = async (batch: readonly Metric[]) => {
    this.requests.push(batch);
    await this.answer(batch);
  };
}

function setUp({ capacity = 1000, flushMs = 100 } = {}) {
  const server = new Server();
  const timers = new FakeTimers();
  const settled = { times: 0 };
  const buffer = new MetricBuffer(
    { capacity, perRequest: 1000, flushMs },
    {
      send: server.send,
      setTimer: timers.setTimer,
      logger: silentLogger,
      onSettled: () => {
        settled.times += 1;
      },
    },
  );
  return { buffer, server, timers, settled };
}

describe('the metric buffer', () => {
  it('does no more after what is on its way where a signal ends the wait for its turn', async () => {
    const { buffer } = setUp();
    const gate = Promise.withResolvers<void>();
    const first = buffer.after(() => gate.promise);
    const controller = new AbortController();
    let hasBegun = false;
    const second = buffer.after(
      () => {
        hasBegun = true;
        return Promise.resolve();
      },
      { signal: controller.signal },
    );
    await nextTurn();
    controller.abort();
    await assert.rejects(second, AbortedError);
    gate.resolve();
    await first;
    await buffer.after(() => Promise.resolve());
    assert.equal(hasBegun, false);
  });

  it('tells with what is lost what the server said', async () => {
    const { buffer, server } = setUp();
    const answer = { status: 400, errorCode: 'INVALID_PARAMETER_VALUE', requestId: 'r-1' };
    server.answer = () => Promise.reject(new InvalidRequestError('no', answer));
    await buffer.add([metric(1)]);
    await assert.rejects(buffer.flush(), { name: 'BufferError', canRetry: false, ...answer });
  });

  it('sends what waits when the oldest has waited for flushMs, in one request', async () => {
    const { buffer, server, timers } = setUp({ flushMs: 100 });
    await buffer.add([metric(1)]);
    timers.advance(60);
    await buffer.add([metric(2)]);
    timers.advance(39);
    assert.deepEqual(server.requests, []);
    timers.advance(1);
    await nextTurn();
    assert.deepEqual(server.requests, [[metric(1), metric(2)]]);
    assert.equal(timers.count, 0);
  });

  it('sends as soon as there are as many as go into a request, and no more in one', async () => {
    const { buffer, server } = setUp({ capacity: 5000 });
    await buffer.add(metrics(0, 999));
    await nextTurn();
    assert.equal(server.requests.length, 0);
    await buffer.add(metrics(999, 2500));
    await nextTurn();
    assert.deepEqual(
      server.requests.map(({ length }) => length),
      [1000, 1000],
    );
    await buffer.flush();
    assert.deepEqual(
      server.steps,
      metrics(0, 2500).map(({ step }) => step),
    );
  });

  it('lets logging wait while it is full, and takes up again when a request has left room', async () => {
    const { buffer, server } = setUp({ capacity: 2 });
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    server.answer = () => answered;
    await buffer.add([metric(0)]);
    await buffer.add([metric(1)]);
    await nextTurn();
    await buffer.add([metric(2)]);
    await buffer.add([metric(3)]);
    let hasRoom = false;
    const waiting = buffer.add([metric(4)]).then(() => {
      hasRoom = true;
    });
    await nextTurn();
    assert.equal(hasRoom, false);
    answer();
    await waiting;
    await buffer.flush();
    assert.deepEqual(server.steps, [0, 1, 2, 3, 4]);
  });

  it('flushes what still waits for room, too', async () => {
    const { buffer, server } = setUp({ capacity: 1 });
    const logged = [0, 1, 2, 3].map((step) => buffer.add([metric(step)]));
    await buffer.flush();
    assert.deepEqual(server.steps, [0, 1, 2, 3]);
    await Promise.all(logged);
  });

  it('keeps what could not be sent, tells the flush, and sends it first next time', async () => {
    const { buffer, server } = setUp();
    const lost = new ConnectionLostError('gone');
    server.answer = () => Promise.reject(lost);
    await buffer.add([metric(0)]);
    await assert.rejects(buffer.flush(), lost);
    server.answer = () => Promise.resolve();
    await buffer.add([metric(1)]);
    await buffer.flush();
    assert.deepEqual(server.requests.at(-1), [metric(0), metric(1)]);
  });

  it('pauses longer with each failure, and tries once for each pause', async () => {
    const { buffer, server, timers } = setUp({ flushMs: 100 });
    server.answer = () => Promise.reject(new ConnectionLostError('gone'));
    await buffer.add(metrics(0, 1000));
    await nextTurn();
    const attempts = [server.requests.length];
    for (const pauseMs of [200, 400, 800]) {
      timers.advance(pauseMs - 1);
      await nextTurn();
      timers.advance(1);
      await nextTurn();
      attempts.push(server.requests.length);
    }
    assert.deepEqual(attempts, [1, 2, 3, 4]);
  });

  it('takes no more than it has room for while the server is away, and says which it did not take', async () => {
    const { buffer, server } = setUp({ capacity: 2 });
    server.answer = () => Promise.reject(new ConnectionLostError('gone'));
    await buffer.add([metric(0)]);
    await buffer.add([metric(1)]);
    await nextTurn();
    const refused = (error: unknown) => {
      assert.ok(error instanceof BufferError);
      assert.equal(error.canRetry, true);
      assert.deepEqual(error.lost, [{ key: 'loss', step: '2', reason: 'gone' }]);
      return true;
    };
    await assert.rejects(buffer.add([metric(2)]), refused);
    server.answer = () => Promise.resolve();
    await buffer.flush();
    assert.deepEqual(server.requests.at(-1), [metric(0), metric(1)]);
  });

  it('stores the metrics around one that the server refuses, and tells of it once', async () => {
    const { buffer, server } = setUp();
    const stored: Metric[] = [];
    server.answer = (batch) => {
      if (batch.some(({ step }) => step === 333)) {
        return Promise.reject(new InvalidRequestError('no such step'));
      }
      stored.push(...batch);
      return Promise.resolve();
    };
    await buffer.add(metrics(0, 700));
    await assert.rejects(buffer.flush(), (error: unknown) => {
      assert.ok(error instanceof BufferError);
      assert.deepEqual(error.lost, [{ key: 'loss', step: '333', reason: 'no such step' }]);
      assert.equal(error.canRetry, false);
      return true;
    });
    assert.deepEqual(
      stored.map(({ step }) => step),
      metrics(0, 700)
        .map(({ step }) => step)
        .filter((step) => step !== 333),
    );
    await buffer.flush();
  });

  it('does not ask without end about a batch of which nothing can be stored', async () => {
    const { buffer, server } = setUp();
    server.answer = () => Promise.reject(new InvalidRequestError('the run is deleted'));
    await buffer.add(metrics(0, 999));
    await assert.rejects(buffer.flush(), (error: unknown) => {
      assert.ok(error instanceof BufferError);
      assert.equal(error.lost.length, 999);
      assert.match(error.message, /^999 metrics .*the run is deleted/);
      return true;
    });
    assert.ok(server.requests.length < 50, String(server.requests.length));
  });

  it('ends the wait of a flush by its signal, not the request', async () => {
    const { buffer, server } = setUp();
    const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
    server.answer = () => answered;
    await buffer.add([metric(0)]);
    const controller = new AbortController();
    const flushed = assert.rejects(buffer.flush({ signal: controller.signal }), AbortedError);
    controller.abort();
    await flushed;
    const again = buffer.flush();
    answer();
    await again;
    assert.equal(server.requests.length, 1);
  });

  it('does what comes after the metrics with nothing else on its way', async () => {
    const { buffer, server } = setUp();
    await buffer.add([metric(0)]);
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    let stepsBefore: unknown;
    const after = buffer.after(() => {
      stepsBefore = server.steps;
      return done;
    });
    await nextTurn();
    assert.deepEqual(stepsBefore, [0]);
    await buffer.add([metric(1)]);
    const flushed = buffer.flush();
    await nextTurn();
    assert.deepEqual(server.steps, [0]);
    finish();
    await Promise.all([after, flushed]);
    assert.deepEqual(server.steps, [0, 1]);
  });

  it('says when it has nothing left to send', async () => {
    const { buffer, settled } = setUp();
    await buffer.add([metric(0)]);
    assert.equal(buffer.isSettled, false);
    assert.equal(settled.times, 0);
    await buffer.flush();
    assert.equal(buffer.isSettled, true);
    assert.ok(settled.times > 0);
  });
});
