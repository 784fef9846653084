import assert from 'node:assert/strict';
import { testKey } from '../../test/support/key.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import type { KeyState } from '../domain/key-state.ts';
import { Standing } from '../domain/rate-limits.ts';
import { newLimitCounts } from './counts.ts';
import { Limiter } from './limiter.ts';
import { LocalLimits } from './local-limits.ts';
import { Records } from './records.ts';
import type { Reply } from './script.ts';
import { ScriptCalls, type ScriptRedis } from './script-calls.ts';
import { type Shard, Shards } from './shards.ts';

/** A call that Redis was sent. */
interface Asked {
  count: number;
  perHour: number;
  owed: number;
  answer: (reply: Reply) => void;
  fail: (error: Error) => void;
}

describe('the limiter', () => {
  const limits = { ratePerHour: 100, burst: 1000, burstWindowSeconds: 1 };
  let clock: ManualClock;
  let asked: Asked[];
  let calls: ScriptCalls;
  let local: LocalLimits;
  let shard: Shard;
  let limiter: Limiter;
  let state: KeyState;

  const redis: ScriptRedis = {
    evalsha: (_sha, keyCount, ...rest) => {
      const [count = 0, perHour = 0, , , , owed = 0] = rest.slice(keyCount).map(Number);
      const { promise, resolve: answer, reject: fail } = Promise.withResolvers<unknown>();
      asked.push({ count, perHour, owed, answer: (reply) => answer(reply.join(' ')), fail });
      return promise;
    },
    eval: () => assert.fail('not to be called'),
  };

  beforeEach(() => {
    clock = new ManualClock();
    asked = [];
    calls = new ScriptCalls(redis, 60_000, clock);
    const policy = 'local-share';
    local = new LocalLimits({ policy, self: 'a', gateways: () => ['a'], clock });
    const shards = new Shards(() => '');
    shard = shards.of('any');
    limiter = new Limiter({
      ...{ records: new Records(10), calls, shards, local, policy, clock },
      ...{ quota: { near: () => {} }, counts: newLimitCounts() },
      sendTogether: (send) => send(),
      onLoss: () => {},
      onMissing: () => {},
    });
    state = testKey({ limits }).authenticated.state;
  });

  afterEach(() => calls.close());

  /** Asks, and lets the call leave: those of one turn of the event loop leave as one. */
  async function charge(of = state) {
    const standing = Promise.resolve(limiter.charge(of));
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    return { standing, call: asked.at(-1) ?? assert.fail('Redis was not asked') };
  }

  function replyOf(admitted: number, hourUsed: number): Reply {
    const nowMs = clock.now();
    return [admitted, nowMs, 1, 0, hourUsed, nowMs + 60_000, 0, nowMs, 0, nowMs];
  }

  /** One request is admitted while Redis is away. */
  function admitAlone(): void {
    shard.isUp = false;
    void limiter.charge(state);
    shard.isUp = true;
  }

  it('charges what is owed once, by the first of the calls that are under way', async () => {
    admitAlone();
    const first = await charge();
    const second = await charge();
    assert.deepEqual(
      asked.map(({ count, owed }) => ({ count, owed })),
      [
        { count: 1, owed: 1 },
        { count: 1, owed: 0 },
      ],
    );
    first.call.answer(replyOf(1, 2));
    second.call.answer(replyOf(1, 3));
    assert.equal((await second.standing).verdict, 'admitted');
    assert.equal(local.indebted.size, 0);
    assert.equal((await charge()).call.owed, 0);
  });

  it('goes on owing what a call that failed was to charge', async () => {
    admitAlone();
    const { standing, call } = await charge();
    assert.equal(call.owed, 1);
    call.fail(new Error('READONLY'));
    // Decided here: it is owed as well.
    assert.equal((await standing).verdict, 'admitted');
    shard.isUp = true;
    assert.equal((await charge()).call.owed, 2);
  });

  it('charges with the next call what came to be owed while one was under way', async () => {
    admitAlone();
    const { standing, call } = await charge();
    admitAlone();
    call.answer(replyOf(1, 2));
    await standing;
    assert.equal((await charge()).call.owed, 1);
  });

  it('remembers a refusal', async () => {
    const { standing, call } = await charge();
    call.answer(replyOf(0, 100));
    assert.equal((await standing).verdict, 'refused');
    const again = limiter.charge(state);
    assert.ok(again instanceof Standing);
    assert.equal(again.verdict, 'refused');
  });

  it('does not take a refusal under the former limit for one under the new', async () => {
    const former = await charge();
    state = { ...state, version: 2n, limits: { ...limits, ratePerHour: 200 } };
    const latter = await charge();
    latter.call.answer(replyOf(1, 101));
    former.call.answer(replyOf(0, 101));
    assert.equal((await former.standing).verdict, 'refused');
    const next = await charge();
    assert.deepEqual([asked.length, next.call.perHour], [3, 200]);
  });
});
