import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { silentLogger } from '../../test/support/silent-logger.ts';
import { Outage } from './outage.ts';

const newOutage = () => new Outage({ graceMs: 0, clock: new ManualClock(), logger: silentLogger });
const failing = (code: 'unavailable' | 'deadline_exceeded' | 'internal') => () =>
  Promise.reject(new HokusaiError(code, 'why'));

describe('Outage', () => {
  it('takes no time-out for news that is older than an answer', async () => {
    const outage = newOutage();
    const { promise, reject } = Promise.withResolvers<never>();
    const old = outage.watch(() => promise);
    await outage.watch(() => Promise.resolve());
    reject(new HokusaiError('deadline_exceeded', 'why'));
    await assert.rejects(old);
    assert.equal(outage.isKnown(), false);
  });

  for (const [code, passes] of [
    ['unavailable', 1],
    ['deadline_exceeded', 1],
    ['internal', 3],
  ] as const) {
    it(`lets ${passes} of 3 questions through after ${code}`, async () => {
      const outage = newOutage();
      await assert.rejects(outage.watch(failing(code)));
      assert.ok(outage.isKnown());
      const { promise, resolve } = Promise.withResolvers<void>();
      let asked = 0;
      const question = () => {
        asked += 1;
        return promise;
      };
      const all = Promise.allSettled(Array.from({ length: 3 }, () => outage.watch(question)));
      assert.equal(asked, passes);
      resolve();
      await all;
      assert.equal(outage.isKnown(), false);
    });
  }

  it('takes a service that is busy with hashes for one that is there', async () => {
    const outage = newOutage();
    await assert.rejects(outage.watch(failing('unavailable')));
    const busy = new HokusaiError('unavailable', 'busy', { reason: 'hashing_queue_full' });
    await assert.rejects(
      outage.watch(() => Promise.reject(busy)),
      busy,
    );
    assert.equal(outage.isKnown(), false);
    const answers = await Promise.all([1, 2].map((answer) => outage.watch(() => Promise.resolve(answer))));
    assert.deepEqual(answers, [1, 2]);
  });

  it('lets the next question through as soon as one has failed', async () => {
    const outage = newOutage();
    const expected = { message: 'why' };
    for (let question = 0; question < 3; question += 1)
      await assert.rejects(outage.watch(failing('unavailable')), expected);
  });
});
