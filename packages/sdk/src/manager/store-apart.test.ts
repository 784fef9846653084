import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ConnectionLostError, InvalidRequestError } from '../errors/errors.ts';
import type { Metric } from '../model/run.ts';
import { storeApart } from './store-apart.ts';

const stepsOf = (metrics: readonly Metric[]) => metrics.map(({ step }) => Number(step));

describe('storing a batch apart', () => {
  it('parts a batch into what is stored, refused and unsent, each in order and all of it', async () => {
    const cases = fc.record({
      length: fc.integer({ min: 1, max: 300 }),
      bad: fc.uniqueArray(fc.nat(300), { maxLength: 5 }),
      requests: fc.integer({ min: 0, max: 80 }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ length, bad, requests }) => {
        const batch = Array.from({ length }, (_, step) => ({ key: 'm', value: 0, step, timestamp: 0 }));
        const stored: number[] = [];
        const lost = new ConnectionLostError('gone');
        let left = requests;
        const outcome = await storeApart(batch, (part) => {
          if (left-- === 0) return Promise.reject(lost);
          if (part.some(({ step }) => bad.includes(step as number))) {
            return Promise.reject(new InvalidRequestError('bad'));
          }
          stored.push(...stepsOf(part));
          return Promise.resolve();
        });
        const refused = outcome.refused.flatMap(({ metrics }) => stepsOf(metrics));
        const unsent = stepsOf(outcome.unsent);
        const inOrder = (steps: number[]) => steps.toSorted((one, other) => one - other);
        for (const part of [stored, refused, unsent]) {
          assert.deepEqual(part, inOrder(part));
        }
        assert.deepEqual(inOrder([...stored, ...refused, ...unsent]), stepsOf(batch));
        assert.equal(outcome.error, left < 0 ? lost : undefined);
        assert.equal(unsent.length > 0, left < 0);
      }),
    );
  });

  it('refuses a single bad metric alone', async () => {
    const batch = Array.from({ length: 1000 }, (_, step) => ({ key: 'm', value: 0, step, timestamp: 0 }));
    for (const bad of [0, 1, 499, 500, 999]) {
      const { refused } = await storeApart(batch, (part) =>
        part.some(({ step }) => step === bad)
          ? Promise.reject(new InvalidRequestError('bad'))
          : Promise.resolve(),
      );
      assert.deepEqual(
        refused.map(({ metrics }) => stepsOf(metrics)),
        [[bad]],
      );
    }
  });
});
