import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { followed, mapBounded } from './pool.ts';

describe('several files at once', () => {
  const items = Array.from({ length: 20 }, (_, index) => index);

  it('are a few at a time, with the results in the order of the files', async () => {
    let running = 0;
    let most = 0;
    const results = await mapBounded(items, undefined, async (item) => {
      running += 1;
      most = Math.max(most, running);
      for (let turns = 20 - item; turns > 0; turns -= 1) await setImmediate();
      running -= 1;
      return item * 2;
    });
    assert.deepEqual(
      results,
      items.map((item) => item * 2),
    );
    assert.equal(most, 4);
  });

  it('end with the first failure: no other is begun, and none goes on afterwards', async () => {
    const begun: number[] = [];
    let ended = 0;
    const work = async (item: number, signal: AbortSignal) => {
      begun.push(item);
      if (item === 2) throw new Error('two');
      while (!signal.aborted) await setImmediate();
      ended += 1;
      throw new Error('aborted');
    };
    await assert.rejects(mapBounded(items, undefined, work), { message: 'two' });
    assert.deepEqual(begun, [0, 1, 2, 3]);
    assert.equal(ended, 3);
  });

  it("end with the caller's signal, also if it was aborted before", async () => {
    for (const isEarly of [true, false]) {
      const controller = new AbortController();
      if (isEarly) controller.abort();
      const work = async (_item: number, signal: AbortSignal) => {
        await setImmediate();
        controller.abort();
        signal.throwIfAborted();
      };
      await assert.rejects(mapBounded(items, controller.signal, work), { name: 'AbortError' });
    }
  });

  it('may be none', async () => {
    assert.deepEqual(await mapBounded([], undefined, async () => 1), []);
  });

  it('let go of the signal that they followed', () => {
    const outer = new AbortController();
    const { controller, release } = followed(outer.signal);
    release();
    outer.abort();
    assert.equal(controller.signal.aborted, false);
  });
});
