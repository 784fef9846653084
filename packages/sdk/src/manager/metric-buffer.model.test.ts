import assert from 'node:assert/strict';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { FakeTimers } from '../../test/support/fake-timers.ts';
import { silentLogger } from '../config/logger.ts';
import { BufferError, ConnectionLostError, InvalidRequestError } from '../errors/errors.ts';
import type { Metric } from '../model/run.ts';
import { MetricBuffer } from './metric-buffer.ts';

type Answer = 'stores it' | 'loses it' | 'stores it and loses the answer';

type Action =
  /** One call, with metrics that the server stores, or refuses. */
  | { kind: 'log'; metrics: readonly ('good' | 'bad')[] }
  | { kind: 'flush' }
  | { kind: 'time passes'; milliseconds: number }
  | { kind: 'server answers'; answer: Answer };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('log' as const),
      metrics: fc.array(fc.constantFrom('good', 'good', 'good', 'good', 'good', 'bad'), {
        minLength: 1,
        maxLength: 5,
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('flush' as const) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('time passes' as const),
      milliseconds: fc.integer({ min: 1, max: 500 }),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('server answers' as const),
      answer: fc.constantFrom<Answer>('stores it', 'stores it', 'loses it', 'stores it and loses the answer'),
    }),
  },
);

/** A server that keeps each request until it is told how to answer it. */
class Server {
  /** Steps in the order in which they came first. */
  readonly stored = new Set<number>();
  answersAtOnce = false;
  readonly #perRequest: number;
  #pending: ((answer: Answer) => void) | undefined;

  constructor(perRequest: number) {
    this.#perRequest = perRequest;
  }

  readonly send = async (batch: readonly Metric[]): Promise<void> => {
    assert.equal(this.#pending, undefined, 'two requests at the same time');
    assert.ok(batch.length > 0 && batch.length <= this.#perRequest, `a request of ${batch.length}`);
    const answer = this.answersAtOnce
      ? 'stores it'
      : await new Promise<Answer>((resolve) => {
          this.#pending = resolve;
        });
    this.#pending = undefined;
    if (answer === 'loses it') throw new ConnectionLostError('before it came');
    if (batch.some(({ key }) => key === 'bad')) throw new InvalidRequestError('a bad key');
    for (const { step } of batch) this.stored.add(Number(step));
    if (answer === 'stores it and loses the answer') throw new ConnectionLostError('after it came');
  };

  answer(answer: Answer): void {
    this.#pending?.(answer);
  }
}

/** What a program that uses the buffer knows. */
class Program {
  readonly timers = new FakeTimers();
  readonly server: Server;
  readonly buffer: MetricBuffer;
  readonly good: number[] = [];
  readonly bad: number[] = [];
  /** Steps of calls that were rejected. */
  readonly notTaken = new Set<number>();
  /** Steps that a flush called lost. */
  readonly toldLost: number[] = [];
  isSettled = true;
  #nextStep = 0;
  #calls: Promise<void>[] = [];

  constructor(options: { capacity: number; perRequest: number }) {
    this.server = new Server(options.perRequest);
    this.buffer = new MetricBuffer(
      { ...options, flushMs: 100 },
      {
        send: this.server.send,
        setTimer: this.timers.setTimer,
        logger: silentLogger,
        onSettled: () => {
          this.isSettled = true;
        },
      },
    );
  }

  async do(action: Action): Promise<void> {
    switch (action.kind) {
      case 'log':
        this.#calls.push(this.#log(action.metrics));
        break;
      case 'flush':
        this.#calls.push(this.flush());
        break;
      case 'time passes':
        this.timers.advance(action.milliseconds);
        break;
      case 'server answers':
        this.server.answer(action.answer);
        break;
    }
    await nextTurn();
  }

  async #log(kinds: readonly ('good' | 'bad')[]): Promise<void> {
    this.isSettled = false;
    const metrics = kinds.map((key): Metric => {
      const step = this.#nextStep++;
      this[key].push(step);
      return { key, step, value: 0, timestamp: 0 };
    });
    try {
      await this.buffer.add(metrics);
    } catch (error) {
      assert.ok(error instanceof BufferError && error.canRetry);
      for (const { step } of metrics) this.notTaken.add(Number(step));
    }
  }

  /** Whatever was taken before has to be stored, or told, if it does not reject because of the connection. */
  async flush(): Promise<void> {
    const loggedBefore = this.#nextStep;
    try {
      await this.buffer.flush();
    } catch (error) {
      if (error instanceof ConnectionLostError) return;
      assert.ok(error instanceof BufferError && !error.canRetry, String(error));
      this.toldLost.push(...error.lost.map(({ step }) => Number(step)));
    }
    const isConcerned = (step: number) => step < loggedBefore && !this.notTaken.has(step);
    for (const step of this.good.filter(isConcerned)) {
      assert.ok(this.server.stored.has(step), `${step} was promised and is not stored`);
    }
    for (const step of this.bad.filter(isConcerned)) {
      assert.ok(this.toldLost.includes(step), `${step} is lost and nobody was told`);
    }
  }

  async mend(): Promise<void> {
    this.server.answersAtOnce = true;
    this.server.answer('stores it');
    await nextTurn();
    await this.flush();
    await Promise.all(this.#calls);
  }
}

describe('the metric buffer and a server that fails', () => {
  it('stores in order all that it took, or says what not, one request at a time', async () => {
    const options = fc.record({
      capacity: fc.integer({ min: 1, max: 8 }),
      perRequest: fc.integer({ min: 1, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(options, fc.array(action, { maxLength: 40 }), async (given, actions) => {
        const program = new Program(given);
        for (const next of actions) await program.do(next);
        await program.mend();

        const isTaken = (step: number) => !program.notTaken.has(step);
        assert.deepEqual([...program.server.stored], program.good.filter(isTaken));
        assert.deepEqual(
          program.toldLost.toSorted((one, other) => one - other),
          program.bad.filter(isTaken),
        );
        assert.equal(program.buffer.isSettled, true);
        assert.equal(program.isSettled, true);
        assert.equal(program.timers.count, 0);
      }),
      { numRuns: 400 },
    );
  });
});
