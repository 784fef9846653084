import assert from 'node:assert/strict';
import { reportHealth } from './serving.ts';

describe('reportHealth', () => {
  it('has answered once when it resolves, follows the checks, and says nothing after its end', async () => {
    const answers: boolean[] = [];
    const { promise: changed, resolve: change } = Promise.withResolvers<void>();
    let isUp = true;
    const server = {
      setServing: (isServing: boolean) => {
        answers.push(isServing);
        if (!isServing) change();
      },
    };
    const check = () => (isUp ? Promise.resolve() : Promise.reject(new Error('down')));
    const end = await reportHealth(server, { database: check });
    assert.deepEqual(answers, [true]);
    isUp = false;
    await changed;
    isUp = true;
    await end();
    assert.equal(answers.at(-1), false);
  });
});
