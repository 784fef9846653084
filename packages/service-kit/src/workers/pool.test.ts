import assert from 'node:assert/strict';
import { setImmediate as settled } from 'node:timers/promises';
import type { HealthReport } from '../health.ts';
import { createLogger } from '../log.ts';
import { type WorkerExit, WorkerPool, type WorkerProcess } from './pool.ts';

const READY: HealthReport = { ready: true, checks: { keys: 'ok' } };
const NOT_READY: HealthReport = { ready: false, checks: { keys: 'does not follow' } };

const DRAIN_MS = 600_000;

class FakeWorker implements WorkerProcess {
  readonly number: number;
  readonly pid: number;
  readonly signals: string[] = [];
  report = READY;
  /** Ends when it is told to. */
  isObedient = true;
  readonly #started = Promise.withResolvers<void>();
  readonly #exited = Promise.withResolvers<WorkerExit>();
  readonly started = this.#started.promise;
  readonly exited = this.#exited.promise;

  constructor(number: number, pid: number) {
    this.number = number;
    this.pid = pid;
  }

  health = () => Promise.resolve(this.report);

  retire(): void {
    this.signals.push('retire');
    if (this.isObedient) this.end(0);
  }

  signal(name: 'SIGTERM' | 'SIGKILL'): void {
    this.signals.push(name);
    if (name === 'SIGKILL') this.end(null, name);
    else if (this.isObedient) this.end(0);
  }

  serve(): void {
    this.#started.resolve();
  }

  end(code: number | null, signal: string | null = null): void {
    this.#exited.resolve({ code, signal });
  }
}

/** A pool of two whose workers and time are played by hand. */
function newPool(onFork: (worker: FakeWorker) => void = (worker) => worker.serve()) {
  const workers: FakeWorker[] = [];
  const failures: Error[] = [];
  const log: { msg: string; worker?: number }[] = [];
  let nowMs = 0;
  let timers: { atMs: number; task: () => void }[] = [];
  const pool = new WorkerPool({
    count: 2,
    drainMs: DRAIN_MS,
    fork: (number) => {
      const worker = new FakeWorker(number, workers.length + 1);
      workers.push(worker);
      onFork(worker);
      return worker;
    },
    clock: { now: () => nowMs, monotonic: () => nowMs },
    after: (delayMs, task) => {
      const timer = { atMs: nowMs + delayMs, task };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    logger: createLogger({
      service: 'test',
      level: 'info',
      destination: { write: (line) => void log.push(JSON.parse(line)) },
    }),
    onGiveUp: (error) => failures.push(error),
  });
  /** Lets time pass in steps, each followed by what it brings about. */
  const advance = async (ms: number) => {
    await settled();
    for (const endMs = nowMs + ms; nowMs < endMs; ) {
      nowMs = Math.min(endMs, ...timers.map(({ atMs }) => atMs));
      const due = timers.filter(({ atMs }) => atMs <= nowMs);
      timers = timers.filter(({ atMs }) => atMs > nowMs);
      for (const { task } of due) task();
      await settled();
    }
  };
  return { pool, workers, failures, log, advance, pendingTimers: () => timers.length };
}

const placesOf = (workers: FakeWorker[]) => workers.map(({ number }) => number);

describe('WorkerPool', () => {
  it('starts the first worker alone, then the others', async () => {
    const { pool, workers } = newPool(() => {});
    const starting = pool.start();
    await settled();
    assert.deepEqual(placesOf(workers), [1]);
    workers[0]?.serve();
    await settled();
    assert.deepEqual(placesOf(workers), [1, 2]);
    workers[1]?.serve();
    await starting;
  });

  it('does not start where the first worker ends at its start, and does not try again', async () => {
    const { pool, workers } = newPool((worker) => worker.end(1));
    await assert.rejects(pool.start(), /^StartupError: The first worker did not start \(exit code 1\)/);
    assert.equal(workers.length, 1);
  });

  it('is ready while one worker is, and says of each what it says', async () => {
    const { pool, workers } = newPool();
    await pool.start();
    const [first, second] = workers as [FakeWorker, FakeWorker];
    assert.deepEqual(await pool.health(), { ready: true, checks: { 'worker 1': 'ok', 'worker 2': 'ok' } });
    first.report = NOT_READY;
    const checks = { 'worker 1': 'keys: does not follow', 'worker 2': 'ok' };
    assert.deepEqual(await pool.health(), { ready: true, checks });
    second.health = () => Promise.reject(new Error('no answer in 2500 ms'));
    assert.deepEqual(await pool.health(), {
      ready: false,
      checks: { ...checks, 'worker 2': 'process: no answer in 2500 ms' },
    });
    second.end(null, 'SIGKILL');
    await settled();
    assert.match((await pool.health()).checks['worker 2'] ?? '', /started again/);
  });

  it('replaces a worker that dies, each time later', async () => {
    const { pool, workers, advance, failures } = newPool();
    await pool.start();
    for (const delayMs of [100, 200, 400]) {
      const { length } = workers;
      workers.findLast(({ number }) => number === 2)?.end(1);
      await advance(delayMs - 1);
      assert.equal(workers.length, length, `not before ${delayMs} ms`);
      await advance(1);
      assert.deepEqual(placesOf(workers.slice(length)), [2]);
    }
    await advance(30_000);
    workers.at(-1)?.end(1);
    await advance(100);
    assert.equal(workers.length, 6, 'soon again after a life that was long enough');
    assert.deepEqual(failures, []);
  });

  it('gives up when a worker dies again and again', async () => {
    const { pool, workers, advance, failures } = newPool((worker) =>
      worker.number === 2 ? worker.end(null, 'SIGSEGV') : worker.serve(),
    );
    await pool.start();
    await advance(60_000);
    assert.equal(placesOf(workers).filter((number) => number === 2).length, 6);
    assert.match(String(failures), /Worker 2 ended 6 times in a row .* SIGSEGV/);
    assert.equal(failures.length, 1);
  });

  it('ends a worker that does not come up, and starts another', async () => {
    const { pool, workers, advance } = newPool((worker) => worker.number === 1 && worker.serve());
    const starting = pool.start();
    await advance(60_100);
    await starting;
    assert.deepEqual(workers[1]?.signals, ['SIGKILL']);
    assert.deepEqual(placesOf(workers), [1, 2, 2]);
  });

  it('ends all of them, those that hang by force', async () => {
    const { pool, workers, advance, pendingTimers } = newPool();
    await pool.start();
    const [first, second] = workers as [FakeWorker, FakeWorker];
    second.isObedient = false;
    const stopping = pool.stop();
    await advance(24_000);
    await stopping;
    assert.deepEqual([first.signals, second.signals], [['SIGTERM'], ['SIGTERM', 'SIGKILL']]);
    assert.equal(workers.length, 2);
    assert.equal(pendingTimers(), 0);
  });

  it('starts nobody anew after it was stopped', async () => {
    const { pool, workers, advance } = newPool();
    await pool.start();
    workers[0]?.end(1);
    await advance(50);
    await pool.stop();
    await advance(10_000);
    assert.equal(workers.length, 2);
  });
});

describe('WorkerPool: renewal', () => {
  it('lets no worker go before its successor is ready, one after the other', async () => {
    const { pool, workers, advance } = newPool();
    await pool.start();
    const [first, second] = workers as [FakeWorker, FakeWorker];
    first.isObedient = false;
    const renewal = pool.renew();
    const third = workers[2] as FakeWorker;
    third.report = NOT_READY;
    await advance(10_000);
    assert.deepEqual([placesOf(workers), first.signals], [[1, 2, 1], []]);
    third.report = READY;
    await advance(50);
    await renewal;
    assert.deepEqual([placesOf(workers), first.signals], [[1, 2, 1, 2], ['retire']]);
    assert.deepEqual(second.signals, ['retire'], 'though the first has not finished yet');
    assert.ok(workers.slice(2).every(({ signals }) => signals.length === 0));
  });

  it('gives former workers their time, and ends those that take longer', async () => {
    const { pool, workers, advance, log, pendingTimers } = newPool();
    await pool.start();
    const [first, second] = workers as [FakeWorker, FakeWorker];
    first.isObedient = false;
    second.isObedient = false;
    await Promise.all([pool.renew(), advance(100)]);
    await advance(DRAIN_MS - 200);
    second.end(0);
    assert.deepEqual([first.signals, second.signals], [['retire'], ['retire']]);
    await advance(200);
    assert.deepEqual(first.signals, ['retire', 'SIGTERM']);
    await advance(24_000);
    assert.deepEqual([first.signals, second.signals], [['retire', 'SIGTERM', 'SIGKILL'], ['retire']]);
    assert.equal(pendingTimers(), 0);
    assert.equal(log.filter(({ msg }) => msg === 'a worker did not end cleanly').length, 1);
  });

  it('ends former workers with the others when the pool is stopped', async () => {
    const { pool, workers, advance, pendingTimers } = newPool();
    await pool.start();
    const [first, second] = workers as [FakeWorker, FakeWorker];
    first.isObedient = false;
    second.isObedient = false;
    await Promise.all([pool.renew(), advance(100)]);
    const stopping = pool.stop();
    second.end(0);
    await advance(24_000);
    await stopping;
    assert.deepEqual(
      workers.map(({ signals }) => signals),
      [['retire', 'SIGTERM', 'SIGKILL'], ['retire', 'SIGTERM'], ['SIGTERM'], ['SIGTERM']],
    );
    assert.equal(pendingTimers(), 0);
  });

  const badSuccessors: Record<string, (worker: FakeWorker) => void> = {
    'dies at its start': (worker) => worker.end(78),
    'never comes up': () => {},
    'never gets ready': (worker) => {
      worker.report = NOT_READY;
      worker.serve();
    },
  };
  for (const [fault, behave] of Object.entries(badSuccessors)) {
    it(`leaves everything as it is when the new worker ${fault}`, async () => {
      const { pool, workers, advance, log, failures } = newPool((worker) =>
        worker.pid <= 2 ? worker.serve() : behave(worker),
      );
      await pool.start();
      const renewal = pool.renew();
      await advance(61_000);
      await renewal;
      assert.equal(workers.length, 3);
      assert.deepEqual([workers[0]?.signals, workers[1]?.signals], [[], []]);
      assert.ok(log.some(({ msg, worker }) => worker === 1 && /does not get ready/.test(msg)));
      assert.deepEqual(failures, []);
    });
  }

  it('is done once more when it is asked for meanwhile', async () => {
    const { pool, workers, advance } = newPool();
    await pool.start();
    await Promise.all([pool.renew(), pool.renew(), pool.renew(), advance(100)]);
    assert.deepEqual(placesOf(workers), [1, 2, 1, 2, 1, 2]);
  });

  it('fills the place of a worker that died meanwhile, once', async () => {
    const { pool, workers, advance } = newPool((worker) => worker.pid <= 2 && worker.serve());
    await pool.start();
    const renewal = pool.renew();
    workers[0]?.end(1);
    await advance(50);
    workers[2]?.serve();
    await settled();
    workers[3]?.serve();
    await advance(1000);
    await renewal;
    assert.deepEqual(placesOf(workers), [1, 2, 1, 2]);
  });

  it('stops half way when the pool is stopped', async () => {
    const { pool, workers, advance } = newPool((worker) => worker.pid <= 2 && worker.serve());
    await pool.start();
    const renewal = pool.renew();
    await pool.stop();
    await advance(100);
    await renewal;
    assert.deepEqual(
      workers.map(({ signals }) => signals),
      [['SIGTERM'], ['SIGTERM'], ['SIGTERM']],
    );
  });
});
