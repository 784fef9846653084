import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { createExitWatch } from './exit-watch.ts';

describe('what waits when a process ends', () => {
  function setUp() {
    const process = new EventEmitter();
    const watch = createExitWatch(process);
    const done: string[] = [];
    const unsent = (name: string) => ({
      flush: () => {
        done.push(`flush ${name}`);
        return Promise.reject(new Error('the server is away'));
      },
      tellLost: () => void done.push(`tell ${name}`),
    });
    return { process, watch, done, unsent };
  }

  it('is sent once, and told if it is still there', () => {
    const { process, watch, done, unsent } = setUp();
    const [first, second] = [unsent('first'), unsent('second')];
    watch.add(first);
    watch.add(first);
    watch.add(second);
    process.emit('beforeExit');
    watch.remove(second);
    process.emit('beforeExit');
    process.emit('exit');
    assert.deepEqual(done, ['flush first', 'flush second', 'tell first']);
  });

  it('is sent again if it is another time that something waits', () => {
    const { process, watch, done, unsent } = setUp();
    const only = unsent('only');
    watch.add(only);
    process.emit('beforeExit');
    watch.remove(only);
    watch.add(only);
    process.emit('beforeExit');
    assert.deepEqual(done, ['flush only', 'flush only']);
  });

  it('has one listener, and none before there is something', () => {
    const { process, watch, unsent } = setUp();
    assert.equal(process.listenerCount('beforeExit'), 0);
    for (let count = 0; count < 20; count += 1) watch.add(unsent(String(count)));
    assert.deepEqual([process.listenerCount('beforeExit'), process.listenerCount('exit')], [1, 1]);
  });
});
