import assert from 'node:assert/strict';
import { HeardChanges } from './heard-changes.ts';

describe('HeardChanges', () => {
  it('remembers the newest version of each key, in whatever order they come', () => {
    const heard = new HeardChanges();
    heard.add('a', 2n);
    heard.add('a', 5n);
    heard.add('a', 3n);
    assert.equal(heard.newest('a'), 5n);
    assert.equal(heard.newest('b'), undefined);
  });

  it('remembers a generation that is over until the next one is, then says what it forgot', () => {
    const heard = new HeardChanges();
    heard.add('a', 5n);
    assert.equal(heard.rotate(10n), 0n);
    assert.equal(heard.newest('a'), 5n);
    heard.add('b', 1n);
    assert.equal(heard.rotate(20n), 10n, 'all that is forgotten lies below the cut of its end');
    assert.equal(heard.newest('a'), undefined);
    assert.equal(heard.newest('b'), 1n);
  });

  it('keeps the newer version when an older one comes again after a rotation', () => {
    const heard = new HeardChanges();
    heard.add('a', 5n);
    heard.rotate(10n);
    heard.add('a', 3n);
    assert.equal(heard.newest('a'), 5n);
    heard.rotate(20n);
    assert.equal(heard.newest('a'), 5n);
  });

  it('counts the keys of the current generation', () => {
    const heard = new HeardChanges();
    heard.add('a', 1n);
    heard.add('a', 2n);
    heard.add('b', 1n);
    assert.equal(heard.filling, 2);
    heard.rotate(1n);
    assert.equal(heard.filling, 0);
  });

  it('forgets all at once', () => {
    const heard = new HeardChanges();
    heard.add('a', 5n);
    heard.rotate(10n);
    heard.add('b', 5n);
    heard.clear();
    assert.equal(heard.newest('a'), undefined);
    assert.equal(heard.newest('b'), undefined);
    assert.equal(heard.rotate(20n), 0n);
  });
});
