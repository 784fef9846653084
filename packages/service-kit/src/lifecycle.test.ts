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
});
