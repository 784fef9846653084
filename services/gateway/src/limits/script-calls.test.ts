import assert from 'node:assert/strict';
import { once } from 'node:events';
import { MessageChannel } from 'node:worker_threads';
import { systemClock } from '@hokusai/service-kit';
import { scriptOf } from './script.ts';
import { type ScriptCall, ScriptCalls, type ScriptRedis } from './script-calls.ts';

const SCRIPT = scriptOf('return 1');

interface Told {
  reply?: unknown;
  isLate?: boolean;
  failure?: string;
}

describe('calls of scripts', () => {
  let told: Told[];
  let heard: () => void;
  let open: ScriptCalls[];

  beforeEach(() => {
    told = [];
    heard = () => {};
    open = [];
  });

  afterEach(() => {
    for (const calls of open) calls.close();
  });

  function start(redis: Partial<ScriptRedis>, timeoutMs: number): ScriptCalls {
    const never = () => assert.fail('not to be called');
    const calls = new ScriptCalls({ evalsha: never, eval: never, ...redis }, timeoutMs, systemClock);
    open.push(calls);
    return calls;
  }

  const tell = (one: Told) => {
    told.push(one);
    heard();
  };
  const call: ScriptCall = {
    script: SCRIPT,
    keys: ['k'],
    args: [1, 2],
    onReply: (reply, isLate) => tell({ reply, isLate }),
    onFailure: ({ message }) => tell({ failure: message }),
  };
  const next = () =>
    new Promise<void>((resolve) => {
      heard = resolve;
    });

  it('are made by the digest, and with the whole text where Redis does not know it', async () => {
    const made: unknown[] = [];
    const calls = start(
      {
        evalsha: (...args) => {
          made.push(args);
          return Promise.reject(new Error('NOSCRIPT No matching script.'));
        },
        eval: (...args) => {
          made.push(args);
          return Promise.resolve('done');
        },
      },
      10_000,
    );
    calls.send(call);
    await next();
    assert.deepEqual(made, [
      [SCRIPT.sha, 1, 'k', 1, 2],
      [SCRIPT.text, 1, 'k', 1, 2],
    ]);
    assert.deepEqual(told, [{ reply: 'done', isLate: false }]);
  });

  it('fail at once where Redis says so', async () => {
    start({ evalsha: () => Promise.reject(new Error('READONLY')) }, 10_000).send(call);
    await next();
    assert.deepEqual(told, [{ failure: 'READONLY' }]);
  });

  it('are given up after their time, and still heard out', async () => {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    start({ evalsha: () => promise }, 20).send(call);
    await next();
    resolve('late');
    await next();
    assert.deepEqual(told, [{ failure: 'no answer within 20 ms' }, { reply: 'late', isLate: true }]);
  });

  it('have each their own time, and say once how they failed', async () => {
    const first = Promise.withResolvers<unknown>();
    const answers = [first.promise, new Promise<unknown>(() => {})];
    const calls = start({ evalsha: () => answers.shift() ?? Promise.reject(new Error('no more')) }, 40);
    calls.send(call);
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    calls.send(call);
    await next();
    assert.equal(told.length, 1);
    first.reject(new Error('closed'));
    await next();
    assert.deepEqual(told, [{ failure: 'no answer within 40 ms' }, { failure: 'no answer within 40 ms' }]);
  });

  it('are not given up for a process that was busy while the answer was there', async () => {
    const { port1, port2 } = new MessageChannel();
    const answer = once(port2, 'message');
    start({ evalsha: () => answer }, 10).send(call);
    port1.postMessage('there');
    const untilMs = performance.now() + 30;
    while (performance.now() < untilMs);
    await next();
    port1.close();
    assert.deepEqual(
      told.map(({ failure }) => failure),
      [undefined],
    );
  });
});
