import assert from 'node:assert/strict';
import { Lifecycle } from './lifecycle.ts';

describe('Lifecycle', () => {
  it('closes in reverse order, once, and goes on after a failure', async () => {
    const lifecycle = new Lifecycle();
    const events: string[] = [];
    lifecycle.onClose('first', () => events.push('first'));
    lifecycle.onClose('broken', () => Promise.reject(new Error('stuck')));
    lifecycle.onClose('last', async () => events.push('last'));
    const report = (name: string, error: unknown) => events.push(`${name}: ${(error as Error).message}`);
    await Promise.all([lifecycle.close(report), lifecycle.close(report)]);
    assert.deepEqual(events, ['last', 'broken: stuck', 'first']);
  });

  it('tells what is being closed, and what is closed afterwards, to hurry', async () => {
    const lifecycle = new Lifecycle();
    const inHurry: boolean[] = [];
    lifecycle.onClose('last', (hurry) => inHurry.push(hurry.aborted));
    lifecycle.onClose('slow', async (hurry) => {
      inHurry.push(hurry.aborted);
      await new Promise((resolve) => hurry.addEventListener('abort', resolve));
    });
    const closed = lifecycle.close(() => {});
    lifecycle.hurry();
    await closed;
    assert.deepEqual(inHurry, [false, true]);
  });
});
