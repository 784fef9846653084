import assert from 'node:assert/strict';
import { BoundedPool } from './bounded-pool.ts';

/** Tasks that end when they are told to. */
function controlled() {
  const started: PromiseWithResolvers<string>[] = [];
  const task = () => {
    const control = Promise.withResolvers<string>();
    started.push(control);
    return control.promise;
  };
  return { started, task };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const options = { concurrency: 2, queueLimit: 1, retryAfterSeconds: 3 };

describe('BoundedPool', () => {
  it('runs so many tasks at a time, the others in their order, and refuses what is too much', async () => {
    const { started, task } = controlled();
    const pool = new BoundedPool(options);
    assert.ok(pool.isIdle);
    const [first, second, third] = [pool.run(task), pool.run(task), pool.run(task)];
    await settled();
    assert.equal(started.length, 2);
    assert.ok(!pool.isIdle);
    await assert.rejects(pool.run(task), {
      code: 'unavailable',
      reason: 'hashing_queue_full',
      retryAfterSeconds: 3,
    });
    started[1]?.resolve('second');
    assert.equal(await second, 'second');
    await settled();
    assert.equal(started.length, 3);
    started[0]?.resolve('first');
    started[2]?.resolve('third');
    assert.deepEqual(await Promise.all([first, third]), ['first', 'third']);
    assert.ok(pool.isIdle);
  });

  it('gives the slot of a failed task to the next', async () => {
    const { started, task } = controlled();
    const pool = new BoundedPool({ ...options, concurrency: 1 });
    const [failing, next] = [pool.run(task), pool.run(task)];
    await settled();
    started[0]?.reject(new Error('broken'));
    await assert.rejects(failing, /broken/);
    await settled();
    started[1]?.resolve('done');
    assert.equal(await next, 'done');
  });

  it('lets nobody overtake those who wait', async () => {
    const { started, task } = controlled();
    const order: string[] = [];
    const pool = new BoundedPool({ ...options, concurrency: 1, queueLimit: 2 });
    const named = (name: string) =>
      pool.run(() => {
        order.push(name);
        return task();
      });
    const runs = [named('first'), named('waiting')];
    await settled();
    started[0]?.resolve('');
    await runs[0];
    runs.push(named('late'));
    await settled();
    assert.deepEqual(order, ['first', 'waiting']);
    started[1]?.resolve('');
    await runs[1];
    await settled();
    started[2]?.resolve('');
    await runs[2];
    assert.deepEqual(order, ['first', 'waiting', 'late']);
  });
});
